import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';
import type { ExportContext } from '../layer.ts';
import { formatShape, ShapeError, type SymbolicShape } from '../shape.ts';

/** @throws ShapeError for what is neither a row nor an image. */
export function checkRowsOrImages(input: SymbolicShape): void {
  if (input.length !== 1 && input.length !== 3)
    throw new ShapeError(`needs rows or images, and gets ${formatShape(input)}`);
}

/** `x` with a vector `[B, n]` behind it: to rows as numbers, to images as constant channels. */
export function withVector(tf: TensorFlowNamespace, x: Tf.Tensor, vector: Tf.Tensor): Tf.Tensor {
  if (x.rank === 2) return tf.concat([x, vector], 1);
  const [batch, height, width] = x.shape as [number, number, number];
  const maps = vector.reshape([batch, 1, 1, -1]).tile([1, height, width, 1]);
  return tf.concat([x, maps], 3);
}

/** The same as stock layers. @param size Of the vector. */
export function exportWithVector(
  x: Tf.SymbolicTensor,
  vector: Tf.SymbolicTensor,
  size: number,
  { tf, name, input }: Pick<ExportContext, 'tf' | 'name' | 'input'>,
): Tf.SymbolicTensor {
  const concatenate = tf.layers.concatenate({ name, axis: -1 });
  if (input.length === 1) return concatenate.apply([x, vector]) as Tf.SymbolicTensor;
  const [height, width] = input as [number, number];
  const repeated = tf.layers.repeatVector({ name: `${name}_repeat`, n: height * width }).apply(vector);
  const maps = tf.layers
    .reshape({ name: `${name}_maps`, targetShape: [height, width, size] })
    .apply(repeated) as Tf.SymbolicTensor;
  return concatenate.apply([x, maps]) as Tf.SymbolicTensor;
}
