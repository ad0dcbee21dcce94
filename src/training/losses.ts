import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';

/** The mean `[]` of the squared differences of two tensors. @throws Error where their shapes differ. */
export function meanSquaredError(y: Tf.Tensor, target: Tf.Tensor): Tf.Scalar {
  if (y.shape.join() !== target.shape.join())
    throw new Error(`a mean squared error of [${y.shape.join(', ')}] and [${target.shape.join(', ')}]`);
  return y.sub(target).square().mean<Tf.Scalar>();
}

/** Binary cross-entropy `[]` on logits of any shape: softplus(-l) for target 1, softplus(l) for target 0. */
export const binaryCrossEntropy = (tf: TensorFlowNamespace, logits: Tf.Tensor, target: 0 | 1): Tf.Scalar =>
  tf.softplus(target === 1 ? logits.neg() : logits).mean<Tf.Scalar>();

/** Cross-entropy `[]` of logits `[B, classes]` with one-hot labels `[B, classes] float32`, the mean over the batch. */
export const softmaxCrossEntropy = (logits: Tf.Tensor, oneHot: Tf.Tensor): Tf.Scalar =>
  logits.logSoftmax().mul(oneHot).sum(-1).mean<Tf.Scalar>().neg();

/** The share `[]` of logits `[B, classes]` whose largest is that of the label `[B] int32`. */
export const accuracy = (tf: TensorFlowNamespace, logits: Tf.Tensor, labels: Tf.Tensor): Tf.Scalar =>
  tf.cast(logits.argMax(-1).equal(tf.cast(labels, 'int32')), 'float32').mean<Tf.Scalar>();
