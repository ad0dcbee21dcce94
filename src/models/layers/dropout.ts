import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';

/** Inverted dropout (Srivastava et al. 2014), so that nothing is scaled after training. */
export const dropout = defineLayer({
  type: 'dropout',
  description: 'Sets a random share of the numbers to zero in training.',
  params: Type.Object({
    rate: Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'The share that is set to zero.' }),
  }),
  outputShape: input => input,
  apply: (x, params, { tensorflow, training, seed }) => {
    if (!training || params.rate === 0) return { y: x };
    if (seed === undefined) throw new Error('a network with dropout was trained without a seed');
    const { tf, ops } = tensorflow;
    const kept = ops.randomUniform(x.shape, seed).greaterEqual(params.rate);
    return { y: x.mul(tf.cast(kept, 'float32')).div(1 - params.rate) };
  },
  export: (x, { rate }, { tf, name }) => chain(x, { layer: tf.layers.dropout({ name, rate }) }),
});
