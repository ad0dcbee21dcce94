import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { TensorFlow } from '../../core/tensorflow.ts';
import { chain, defineLayer } from '../layer.ts';

/** Standard normals of a shape, by the Box–Muller transform of uniform numbers. */
function normals({ tf, ops }: TensorFlow, shape: readonly number[], seed: Tf.Tensor): Tf.Tensor {
  const [first, second] = tf.unstack(ops.randomUniform([2, ...shape], seed)) as [Tf.Tensor, Tf.Tensor];
  const radius = tf.sub(1, first).log().mul(-2).sqrt();
  return radius.mul(second.mul(2 * Math.PI).cos());
}

export const gaussianNoise = defineLayer({
  type: 'gaussianNoise',
  description: 'Adds normal noise in training.',
  params: Type.Object({
    stddev: Type.Number({ minimum: 0, description: 'The standard deviation of the noise.' }),
  }),
  outputShape: input => input,
  apply: (x, { stddev }, { tensorflow, training, seed }) => {
    if (!training || stddev === 0) return { y: x };
    if (seed === undefined) throw new Error('a network with noise was trained without a seed');
    return { y: x.add(normals(tensorflow, x.shape, seed).mul(stddev)) };
  },
  export: (x, { stddev }, { tf, name }) => chain(x, { layer: tf.layers.gaussianNoise({ name, stddev }) }),
});
