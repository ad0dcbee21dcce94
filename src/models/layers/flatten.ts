import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { symbolicProduct } from '../shape.ts';

export const flatten = defineLayer({
  type: 'flatten',
  description: 'Makes one row of numbers of an image.',
  params: Type.Object({}),
  keepsRange: () => true,
  outputShape: input => [symbolicProduct(input)],
  apply: (x, _params, { output }) => ({ y: x.reshape([-1, ...output]) }),
  export: (x, _params, { tf, name }) => chain(x, { layer: tf.layers.flatten({ name }) }),
});
