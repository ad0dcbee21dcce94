import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../core/artifacts.ts';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';

/** Bytes `[B, H, W, C] int32` as float32 numbers: `byte · scale[c] + offset[c]`. */
export const toNumbers = (
  tf: TensorFlowNamespace,
  images: Tf.Tensor,
  { scale, offset }: Transform,
): Tf.Tensor =>
  tf
    .cast(images, 'float32')
    .mul(tf.tensor1d([...scale]))
    .add(tf.tensor1d([...offset]));
