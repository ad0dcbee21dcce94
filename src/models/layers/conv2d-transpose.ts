import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { times } from '../size.ts';
import { imageOf, imageShape, product, resolveSize, sizeSchema, type WrittenSize } from '../shape.ts';
import { stockActivation } from './activations.ts';
import { finishLinear, linearParams, linearWeights } from './linear.ts';
import { foldedWeights, kernelOf } from './spectral.ts';

export const conv2dTranspose = defineLayer({
  type: 'conv2dTranspose',
  description: 'A transposed convolution with padding `same`: makes an image `strides` times as large.',
  params: Type.Object({
    filters: Type.Unsafe<WrittenSize>(sizeSchema('The number of output channels.')),
    kernelSize: Type.Integer({ minimum: 1, description: 'Height and width of the kernel.' }),
    strides: Type.Integer({ minimum: 1, default: 1, description: 'How many times larger the image gets.' }),
    ...linearParams,
  }),
  outputShape: (input, params, dimensions) => {
    const filters = resolveSize(params.filters, dimensions);
    const [height, width] = imageShape(input, imageOf(filters));
    return [times(height, params.strides), times(width, params.strides), filters];
  },
  weights: (input, params, dimensions) => {
    const [, , channels] = imageShape(input);
    const filters = resolveSize(params.filters, dimensions);
    const area = params.kernelSize ** 2;
    const kernel = {
      shape: [params.kernelSize, params.kernelSize, filters, channels],
      // Keras counts the kernel's third axis as its inputs here too.
      fans: { fanIn: area * filters, fanOut: area * channels },
    };
    return linearWeights(kernel, filters, params);
  },
  macs: (input, [, , filters = 0], { kernelSize }) => product(input) * kernelSize ** 2 * filters,
  apply: (x, params, context) => {
    const { tf } = context.tensorflow;
    const { kernel, ...state } = kernelOf(context);
    const shape = [x.shape[0], ...context.output] as [number, number, number, number];
    const y = tf.conv2dTranspose(x as Tf.Tensor4D, kernel as Tf.Tensor4D, shape, params.strides, 'same');
    return { y: finishLinear(y, params.activation, context), ...state };
  },
  export: (x, params, context) => {
    const { tf, name, output } = context;
    const { kernelSize, strides, useBias } = params;
    const window = { kernelSize, strides, padding: 'same', filters: output[2] as number } as const;
    const activation = stockActivation(params.activation);
    const layer = tf.layers.conv2dTranspose({ name, ...window, activation, useBias });
    return chain(x, { layer, weights: foldedWeights(context) });
  },
});
