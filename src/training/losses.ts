import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';

/** Binary cross-entropy `[]` on logits of any shape: softplus(-l) for target 1, softplus(l) for target 0. */
export const binaryCrossEntropy = (tf: TensorFlowNamespace, logits: Tf.Tensor, target: 0 | 1): Tf.Scalar =>
  tf.softplus(target === 1 ? logits.neg() : logits).mean<Tf.Scalar>();
