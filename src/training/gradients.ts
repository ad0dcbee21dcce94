import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';

/** Result of a differentiated function: the loss `[]`, and tensors that are wanted besides, without gradients. */
export interface Traced {
  readonly loss: Tf.Scalar;
  readonly aux: Readonly<Record<string, Tf.Tensor>>;
}

export interface GradientResult extends Traced {
  /** By the names of the weights. */
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
  const { value, grads } = tf.valueAndGrads((...tensors: Tf.Tensor[]) => {
    const traced = loss(Object.fromEntries(names.map((name, index) => [name, tensors[index] as Tf.Tensor])));
    kept = Object.fromEntries(
      Object.entries(traced.aux).map(([name, tensor]) => [name, tf.keep(tensor.clone())]),
    );
    return traced.loss;
  })(Object.values(weights));
  // A clone belongs to the surrounding tidy; the kept tensor would belong to nobody.
  const aux = Object.fromEntries(Object.entries(kept).map(([name, tensor]) => [name, tensor.clone()]));
  tf.dispose(kept);
  return {
    loss: value,
    aux,
    gradients: Object.fromEntries(names.map((name, index) => [name, grads[index] as Tf.Tensor])),
  };
}
