import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import { activate, activationSchema } from './activations.ts';

export const activation = defineLayer({
  type: 'activation',
  description: 'Applies a function to every element.',
  params: Type.Object({ activation: activationSchema('The function.') }),
  outputShape: input => input,
  apply: (x, params, { tensorflow }) => activate(tensorflow, x, params.activation),
  toLayer: (x, params, { tf, name }) =>
    tf.layers.activation({ name, activation: params.activation }).apply(x) as typeof x,
});
