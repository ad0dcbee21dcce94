import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';

export const leakyReLU = defineLayer({
  type: 'leakyReLU',
  description: 'x where it is positive, alpha · x elsewhere.',
  params: Type.Object({
    alpha: Type.Number({ minimum: 0, default: 0.3, description: 'The slope of the negative part.' }),
  }),
  outputShape: input => input,
  apply: (x, { alpha }, { tensorflow }) => ({ y: tensorflow.ops.leakyRelu(x, alpha) }),
  export: (x, { alpha }, { tf, name }) => chain(x, { layer: tf.layers.leakyReLU({ name, alpha }) }),
});
