import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';
import { chain, defineLayer } from '../layer.ts';
import { imageShape, type SymbolicShape } from '../shape.ts';
import { dividedUp } from '../size.ts';
import { enlarge } from './up-sampling2d.ts';

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

/** Means of windows of `size × size`. Own gradient, which has one itself, as a gradient penalty needs: TensorFlow.js's has none. */
const meansOf = (tf: TensorFlowNamespace, x: Tf.Tensor, size: number): Tf.Tensor =>
  tf.customGrad((...args: unknown[]) => ({
    value: tf.avgPool(args[0] as Tf.Tensor4D, size, size, 'valid'),
    gradFunc: (dy: Tf.Tensor) => enlarge(tf, dy.div(size * size), size),
  }))(x);

/** Rows before and behind an image, or columns, that fill its windows up as `same` does, and the rows of the image in each. */
function filledUp(length: number, size: number) {
  const windows = Math.ceil(length / size);
  const before = Math.floor((windows * size - length) / 2);
  const counts = Array.from({ length: windows }, (_, index) => {
    const start = index * size - before;
    return Math.min(start + size, length) - Math.max(start, 0);
  });
  return { pad: [before, windows * size - length - before] as [number, number], counts };
}

/** Means of windows with padding `same`, of what lies within the image. */
function averagePool(tf: TensorFlowNamespace, x: Tf.Tensor4D, size: number): Tf.Tensor {
  const [, height, width] = x.shape;
  if (height % size === 0 && width % size === 0) return meansOf(tf, x, size);
  const [rows, columns] = [filledUp(height, size), filledUp(width, size)];
  const padded = tf.pad(x, [[0, 0], rows.pad, columns.pad, [0, 0]]);
  const factors = rows.counts.flatMap(row => columns.counts.map(column => size ** 2 / (row * column)));
  const shape = [1, rows.counts.length, columns.counts.length, 1] as [number, number, number, number];
  return meansOf(tf, padded, size).mul(tf.tensor4d(factors, shape));
}

export const averagePooling2d = defineLayer({
  type: 'averagePooling2d',
  description: 'The mean of each window.',
  params,
  keepsRange: () => true,
  outputShape: (input, { poolSize }) => pooled(input, poolSize),
  apply: (x, { poolSize }, { tensorflow: { tf } }) => ({ y: averagePool(tf, x as Tf.Tensor4D, poolSize) }),
  export: (x, { poolSize }, { tf, name }) =>
    chain(x, { layer: tf.layers.averagePooling2d({ name, poolSize, strides: poolSize, padding: 'same' }) }),
});

export const globalSumPooling2d = defineLayer({
  type: 'globalSumPooling2d',
  description: 'The sum of each channel over the whole image.',
  params: Type.Object({}),
  outputShape: input => [imageShape(input)[2]],
  apply: x => ({ y: x.sum([1, 2]) }),
  export: (x, _params, { tf, name, input: [height = 0, width = 0] }) =>
    chain(
      x,
      { layer: tf.layers.globalAveragePooling2d({ name: `${name}_mean` }) },
      { layer: tf.layers.rescaling({ name, scale: height * width }) },
    ),
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
