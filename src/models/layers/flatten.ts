import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import { openProduct } from '../shape.ts';

export const flatten = defineLayer({
  type: 'flatten',
  description: 'Makes one row of numbers of an image.',
  params: Type.Object({}),
  outputShape: input => [openProduct(input)],
  apply: (x, _params, _call, { output }) => x.reshape([-1, ...output]),
  toLayer: (x, _params, { tf, name }) => tf.layers.flatten({ name }).apply(x) as typeof x,
});
