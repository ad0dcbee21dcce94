import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';
import { softmaxCrossEntropy } from '../losses.ts';

export interface ClassificationLoss {
  /** Share ε of each target that is spread evenly over all classes: `(1 - ε) · target + ε / classes`. 0 by default. */
  readonly labelSmoothing?: number;
  /** Weight of the loss of each class's examples; 1 by default. */
  readonly classWeights?: readonly number[] | undefined;
}

/**
 * Cross-entropy `[]`, the sum over the examples divided by their number, whatever they weigh: Keras's CategoricalCrossentropy with
 * `label_smoothing`, and `fit` with `class_weight`. The loss of mixed labels is the loss of each in its share.
 * @param logits `[B, classes] float32`
 * @param targets One-hot or mixed labels `[B, classes] float32`; each row's sum is 1
 */
export function classificationLoss(
  tf: TensorFlowNamespace,
  logits: Tf.Tensor,
  targets: Tf.Tensor,
  { labelSmoothing = 0, classWeights }: ClassificationLoss,
): Tf.Scalar {
  const weighted = classWeights === undefined ? targets : targets.mul(tf.tensor1d([...classWeights]));
  if (labelSmoothing === 0) return softmaxCrossEntropy(logits, weighted);
  const spread = weighted.mean(-1, true).mul(labelSmoothing);
  return softmaxCrossEntropy(logits, weighted.mul(1 - labelSmoothing).add(spread));
}
