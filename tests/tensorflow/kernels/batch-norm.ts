import type * as Tf from '@tensorflow/tfjs';
import { Random } from '../../../src/core/random.ts';
import type { FusedOps, TensorFlow } from '../../../src/core/tensorflow.ts';

/** y, mean, variance, and the gradients of x, gamma and beta, of drawn values of a shape around `centre`. */
export function normalize(
  { tf, ops: own }: TensorFlow,
  shape: readonly number[],
  {
    ops = own,
    centre = 0,
    slope = 1,
    perImage = false,
  }: {
    readonly ops?: Pick<FusedOps, 'batchNorm'>;
    readonly centre?: number;
    readonly slope?: number;
    /** Whether each image has a gamma and a beta of its own. */
    readonly perImage?: boolean;
  } = {},
): readonly Tf.Tensor[] {
  const random = new Random(5);
  const drawn = (size: number) => tf.tensor1d(random.normals(size));
  const count = shape.reduce((product, size) => product * size, 1);
  const channels = shape[shape.length - 1] as number;
  const [x, dy] = [
    drawn(count)
      .add(centre)
      .reshape([...shape]),
    drawn(count).reshape([...shape]),
  ];
  const affine = perImage ? [shape[0] as number, channels] : [channels];
  const [gamma, beta] = [drawn(tf.util.sizeFromShape(affine)), drawn(tf.util.sizeFromShape(affine))].map(
    values => values.reshape(affine),
  ) as [Tf.Tensor, Tf.Tensor];
  const { y, mean, variance } = ops.batchNorm(x, gamma, beta, 1e-3, slope);
  const gradients = tf.grads((a, b, c) => ops.batchNorm(a, b, c, 1e-3, slope).y)([x, gamma, beta], dy);
  return [y, mean, variance, ...gradients];
}
