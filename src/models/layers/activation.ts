import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { activate, activationSchema, stockActivation } from './activations.ts';

export const activation = defineLayer({
  type: 'activation',
  description: 'Applies a function to every element.',
  params: Type.Object({ activation: activationSchema('The function.') }),
  keepsRange: ({ activation }) => activation === 'linear',
  outputShape: input => input,
  apply: (x, { activation }, { tensorflow }) => ({ y: activate(tensorflow, x, activation) }),
  export: (x, { activation }, { tf, name }) =>
    chain(x, { layer: tf.layers.activation({ name, activation: stockActivation(activation) }) }),
});
