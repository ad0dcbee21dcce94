import type * as Tf from '@tensorflow/tfjs';
import type { ConvFinish, FusedOps } from '../core/tensorflow.ts';

/** A leaky ReLU with a slope where its input is negative: 0 for ReLU, 1 for none. */
export function leaky(ops: Pick<FusedOps, 'relu' | 'leakyRelu'>, x: Tf.Tensor, slope: number): Tf.Tensor {
  if (slope === 1) return x;
  return slope === 0 ? ops.relu(x) : ops.leakyRelu(x, slope);
}

/** What follows a convolution, as operations after it. */
export const composedFinish = (
  ops: Pick<FusedOps, 'biasAdd' | 'relu' | 'leakyRelu'>,
  y: Tf.Tensor,
  finish: ConvFinish | undefined,
): Tf.Tensor => (finish === undefined ? y : leaky(ops, ops.biasAdd(y, finish.bias), finish.slope));
