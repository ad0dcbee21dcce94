import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';

export const leakyReLU = defineLayer({
  type: 'leakyReLU',
  description: 'x where it is positive, alpha · x elsewhere.',
  params: Type.Object({
    alpha: Type.Number({ minimum: 0, default: 0.3, description: 'The slope of the negative part.' }),
  }),
  outputShape: input => input,
  apply: (x, params, { tensorflow }) => tensorflow.ops.leakyRelu(x, params.alpha),
  toLayer: (x, params, { tf, name }) =>
    tf.layers.leakyReLU({ name, alpha: params.alpha }).apply(x) as typeof x,
});
