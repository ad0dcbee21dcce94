import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { imageShape, type SymbolicShape } from '../shape.ts';
import { dividedUp } from '../size.ts';

const params = Type.Object({
  poolSize: Type.Integer({
    minimum: 1,
    default: 2,
    description: 'Height and width of the window, and the step.',
  }),
});

const pooled = (input: SymbolicShape, size: number): SymbolicShape => {
  const [height, width, channels] = imageShape(input);
  return [dividedUp(height, size), dividedUp(width, size), channels];
};

export const maxPooling2d = defineLayer({
  type: 'maxPooling2d',
  description: 'The largest value of each window.',
  params,
  keepsRange: () => true,
  outputShape: (input, { poolSize }) => pooled(input, poolSize),
  apply: (x, { poolSize }, { tensorflow: { tf } }) => ({
    y: tf.maxPool(x as Tf.Tensor4D, poolSize, poolSize, 'same'),
  }),
  export: (x, { poolSize }, { tf, name }) =>
    chain(x, { layer: tf.layers.maxPooling2d({ name, poolSize, strides: poolSize, padding: 'same' }) }),
});

export const averagePooling2d = defineLayer({
  type: 'averagePooling2d',
  description: 'The mean of each window.',
  params,
  keepsRange: () => true,
  outputShape: (input, { poolSize }) => pooled(input, poolSize),
  apply: (x, { poolSize }, { tensorflow: { tf } }) => ({
    y: tf.avgPool(x as Tf.Tensor4D, poolSize, poolSize, 'same'),
  }),
  export: (x, { poolSize }, { tf, name }) =>
    chain(x, { layer: tf.layers.averagePooling2d({ name, poolSize, strides: poolSize, padding: 'same' }) }),
});

export const globalAveragePooling2d = defineLayer({
  type: 'globalAveragePooling2d',
  description: 'The mean of each channel over the whole image.',
  params: Type.Object({}),
  keepsRange: () => true,
  outputShape: input => [imageShape(input)[2]],
  apply: x => ({ y: x.mean([1, 2]) }),
  export: (x, _params, { tf, name }) => chain(x, { layer: tf.layers.globalAveragePooling2d({ name }) }),
});
