import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import { keepCopies, releaseCopies } from './kept.ts';

/** Result of a differentiated function: the loss `[]`, and tensors that are wanted besides, without gradients. */
export interface Traced {
  readonly loss: Tf.Scalar;
  readonly aux: Readonly<Record<string, Tf.Tensor>>;
}

export interface GradientResult extends Traced {
  /** By the names of the weights, without those that the loss does not depend on. */
  readonly gradients: Readonly<Record<string, Tf.Tensor>>;
}

/**
 * The loss, its gradients with respect to named weights, and auxiliary tensors, which TensorFlow.js's own
 * `valueAndGrads` would free. Call it inside `tf.tidy`.
 */
export function gradientsOf(
  tf: TensorFlowNamespace,
  weights: Readonly<Record<string, Tf.Tensor>>,
  loss: (weights: Readonly<Record<string, Tf.Tensor>>) => Traced,
): GradientResult {
  const names = Object.keys(weights);
  let kept: Traced['aux'] = {};
  const tensors = Object.values(weights);
  // TensorFlow.js's own valueAndGrads refuses a weight that the loss does not depend on.
  const { value, grads } = tf.engine().gradients(() => {
    const traced = loss(weights);
    kept = keepCopies(tf, traced.aux);
    return traced.loss;
  }, tensors);
  return {
    loss: value,
    aux: releaseCopies(tf, kept),
    gradients: Object.fromEntries(
      names.flatMap((name, index) => {
        const gradient = grads[index];
        return gradient === undefined ? [] : [[name, gradient] as const];
      }),
    ),
  };
}
