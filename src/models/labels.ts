import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';

/** One-hot rows `[B, classes] float32` of labels `[B]`; also for a single class, which `tf.oneHot` refuses. */
export function oneHotLabels(tf: TensorFlowNamespace, labels: Tf.Tensor, classes: number): Tf.Tensor {
  const column = tf.cast(labels, 'int32').reshape([-1, 1]);
  const row = tf.tensor2d([Array.from({ length: classes }, (_, index) => index)], [1, classes], 'int32');
  return tf.cast(tf.equal(column, row), 'float32');
}
