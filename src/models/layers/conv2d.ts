import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { ConvFinish } from '../../core/tensorflow.ts';
import { chain, defineLayer, type LayerContext, type LayerResult } from '../layer.ts';
import { imageShape, product, resolveSize, sizeSchema, type WrittenSize } from '../shape.ts';
import { stockActivation } from './activations.ts';
import type { ActivationName } from './activations.ts';
import { finishedConvolution, finishLinear, linearParams, linearWeights } from './linear.ts';
import { foldedWeights, kernelOf } from './spectral.ts';
import { windowedShape, windowParams } from './window.ts';

export const conv2d = defineLayer({
  type: 'conv2d',
  description: 'A two-dimensional convolution: activation(x ∗ kernel + bias).',
  params: Type.Object({
    filters: Type.Unsafe<WrittenSize>(sizeSchema('The number of output channels.')),
    ...windowParams,
    ...linearParams,
  }),
  outputShape: (input, params, dimensions) =>
    windowedShape(input, params, resolveSize(params.filters, dimensions)),
  weights: (input, params, dimensions) => {
    const [, , channels] = imageShape(input);
    const filters = resolveSize(params.filters, dimensions);
    const area = params.kernelSize ** 2;
    const kernel = {
      shape: [params.kernelSize, params.kernelSize, channels, filters],
      fans: { fanIn: area * channels, fanOut: area * filters },
    };
    return linearWeights(kernel, filters, params);
  },
  macs: ([, , channels = 0], output, { kernelSize }) => channels * kernelSize ** 2 * product(output),
  apply: (x, params, context) =>
    params.padding === 'same' ? convolve(x, params, context) : convolveInside(x, params, context),
  export: (x, params, context) => {
    const { tf, name, output } = context;
    const { kernelSize, strides, padding, useBias } = params;
    const window = { kernelSize, strides, padding, filters: output[2] as number };
    const activation = stockActivation(params.activation);
    const layer = tf.layers.conv2d({ name, ...window, activation, useBias });
    return chain(x, { layer, weights: foldedWeights(context) });
  },
});

interface Convolution {
  readonly strides: number;
  readonly activation: ActivationName;
}

/** Padding `same`. @param slope Of a leaky ReLU in place of the activation, in a layer with a bias. */
export function convolve(
  x: Tf.Tensor,
  { strides, activation }: Convolution,
  context: LayerContext,
  slope?: number,
): LayerResult {
  const { kernel, ...state } = kernelOf(context);
  const { ops } = context.tensorflow;
  const convolution = (finish?: ConvFinish) => ops.conv2d(x, kernel, strides, finish);
  return { y: finishedConvolution(convolution, activation, context, slope), ...state };
}

/** Padding `valid`. */
function convolveInside(
  x: Tf.Tensor,
  { strides, activation }: Convolution,
  context: LayerContext,
): LayerResult {
  const { kernel, ...state } = kernelOf(context);
  const y = context.tensorflow.tf.conv2d(x as Tf.Tensor4D, kernel as Tf.Tensor4D, strides, 'valid');
  return { y: finishLinear(y, activation, context), ...state };
}
