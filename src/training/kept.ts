/** Tensors that outlive the tidy that TensorFlow.js wraps around a differentiated function. */
import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import { mapValues } from '../models/map-values.ts';

type Tensors = Readonly<Record<string, Tf.Tensor>>;

/** Copies that no tidy disposes of. */
export const keepCopies = (tf: TensorFlowNamespace, tensors: Tensors): Tensors =>
  mapValues(tensors, tensor => tf.keep(tensor.clone()));

/** Kept copies as tensors of the surrounding tidy: a kept tensor would belong to nobody. */
export function releaseCopies(tf: TensorFlowNamespace, kept: Tensors): Tensors {
  const released = mapValues(kept, tensor => tensor.clone());
  tf.dispose({ ...kept });
  return released;
}
