import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';

/**
 * One axis of the folded kernel. Output pixel 2i depends on inputs i-1, i, i and pixel 2i+1 on i, i, i+1, so a transposed
 * convolution of stride 2 with the taps k2, k1+k2, k0+k1, k0 is the same function.
 */
const AXIS = [
  [0, 0, 1],
  [0, 1, 1],
  [1, 1, 0],
  [1, 0, 0],
] as const;

/** Both axes: row 4·a + b and column 3·p + q hold `AXIS[a][p] · AXIS[b][q]`; `[16, 9]`. */
const FOLD = AXIS.flatMap(rows =>
  AXIS.map(columns => rows.flatMap(row => columns.map(column => row * column))),
);

/**
 * A 3×3 convolution of a nearest upsampling ×2, as one transposed convolution: 2.25 times fewer multiplications, and the gradient
 * still reaches the 3×3 kernel. `x [B, H, W, I]`, `kernel [3, 3, I, O]`; returns `[B, 2H, 2W, O]`.
 */
export function foldedUpsampledConv(tf: TensorFlowNamespace, x: Tf.Tensor, kernel: Tf.Tensor): Tf.Tensor {
  const [, , inputs, outputs] = kernel.shape as [number, number, number, number];
  const [batch, height, width] = x.shape as [number, number, number];
  const folded = tf
    .matMul(tf.tensor2d(FOLD), kernel.reshape([9, inputs * outputs]))
    .reshape([4, 4, inputs, outputs])
    .transpose<Tf.Tensor4D>([0, 1, 3, 2]);
  return tf.conv2dTranspose(x as Tf.Tensor4D, folded, [batch, 2 * height, 2 * width, outputs], 2, 'same');
}

/** `FusedOps.conv2d` by TensorFlow's own operation. */
export const conv2d = (tf: TensorFlowNamespace, x: Tf.Tensor, kernel: Tf.Tensor, stride: number): Tf.Tensor =>
  tf.conv2d(x as Tf.Tensor4D, kernel as Tf.Tensor4D, stride, 'same');
