import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { dividedUp, isKnown, minus } from '../size.ts';
import {
  formatShape,
  imageOf,
  imageShape,
  resolveSize,
  ShapeError,
  sizeSchema,
  type WrittenSize,
} from '../shape.ts';
import { finishLinear, linearParams, linearWeights } from './linear.ts';
import { foldedWeights, kernelOf } from './spectral.ts';

export const conv2d = defineLayer({
  type: 'conv2d',
  description: 'A two-dimensional convolution: activation(x ∗ kernel + bias).',
  params: Type.Object({
    filters: Type.Unsafe<WrittenSize>(sizeSchema('The number of output channels.')),
    kernelSize: Type.Integer({ minimum: 1, description: 'Height and width of the kernel.' }),
    strides: Type.Integer({ minimum: 1, default: 1, description: 'Step between outputs, both ways.' }),
    padding: Type.Union([Type.Literal('same'), Type.Literal('valid')], {
      default: 'same',
      description: '`same` pads with zeros, `valid` does not.',
    }),
    ...linearParams,
  }),
  outputShape: (input, params, dimensions) => {
    const filters = resolveSize(params.filters, dimensions);
    const [height, width] = imageShape(input, imageOf(filters));
    const lost = params.padding === 'same' ? 0 : params.kernelSize - 1;
    const output = [height, width].map(length => dividedUp(minus(length, lost), params.strides));
    if (output.some(length => isKnown(length) && length < 1))
      throw new ShapeError(
        `has a kernel of ${params.kernelSize}×${params.kernelSize}, larger than ${formatShape(input)}`,
        { meant: imageOf(filters) },
      );
    return [...output, filters];
  },
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
  apply: (x, params, context) => {
    const { kernel, ...state } = kernelOf(context);
    const { tf, ops } = context.tensorflow;
    const y =
      params.padding === 'same'
        ? ops.conv2d(x, kernel, params.strides)
        : tf.conv2d(x as Tf.Tensor4D, kernel as Tf.Tensor4D, params.strides, 'valid');
    return { y: finishLinear(y, params.activation, context), ...state };
  },
  export: (x, params, context) => {
    const { tf, name, output } = context;
    const { kernelSize, strides, padding, activation, useBias } = params;
    const window = { kernelSize, strides, padding, filters: output[2] as number };
    const layer = tf.layers.conv2d({ name, ...window, activation, useBias });
    return chain(x, { layer, weights: foldedWeights(context) });
  },
});
