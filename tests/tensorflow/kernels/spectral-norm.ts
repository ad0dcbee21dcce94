/** Spectral normalisations for the tests of the kernels. */
import type * as Tf from '@tensorflow/tfjs';
import type { FusedOps, TensorFlow } from '../../../src/core/tensorflow.ts';

/** The quotient, the next singular vector, and the gradient of the kernel, for drawn values. */
export function normalizeKernel(
  { tf, ops: ownOps }: TensorFlow,
  shape: readonly number[],
  ops: Pick<FusedOps, 'spectralNorm'> = ownOps,
): readonly Tf.Tensor[] {
  const kernel = tf.randomNormal([...shape], 0, 1, 'float32', 1);
  const before = tf.randomNormal([shape.at(-1) as number], 0, 1, 'float32', 2);
  const dy = tf.randomNormal([...shape], 0, 1, 'float32', 3);
  const { kernel: quotient, u } = ops.spectralNorm(kernel, before);
  const gradient = tf.grad((w: Tf.Tensor) => ops.spectralNorm(w, before).kernel)(kernel, dy);
  return [quotient, u, gradient];
}
