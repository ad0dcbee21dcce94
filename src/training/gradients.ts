import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';

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
  let kept: Record<string, Tf.Tensor> = {};
  const tensors = Object.values(weights);
  // TensorFlow.js's own valueAndGrads refuses a weight that the loss does not depend on.
  const { value, grads } = tf.engine().gradients(() => {
    const traced = loss(weights);
    kept = Object.fromEntries(
      Object.entries(traced.aux).map(([name, tensor]) => [name, tf.keep(tensor.clone())]),
    );
    return traced.loss;
  }, tensors);
  // A clone belongs to the surrounding tidy; the kept tensor would belong to nobody.
  const aux = Object.fromEntries(Object.entries(kept).map(([name, tensor]) => [name, tensor.clone()]));
  tf.dispose(kept);
  return {
    loss: value,
    aux,
    gradients: Object.fromEntries(
      names.flatMap((name, index) => {
        const gradient = grads[index];
        return gradient === undefined ? [] : [[name, gradient] as const];
      }),
    ),
  };
}
