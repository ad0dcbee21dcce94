import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';

/** `x` with mean 0 and variance 1 over some axes: `(x - mean) / √(variance + epsilon)`. */
export function standardize(
  tf: TensorFlowNamespace,
  x: Tf.Tensor,
  axes: readonly number[],
  epsilon: number,
): Tf.Tensor {
  const { mean, variance } = tf.moments(x, [...axes], true);
  return x.sub(mean).mul(variance.add(epsilon).rsqrt());
}
