import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { symbolicProduct } from '../shape.ts';

export const flatten = defineLayer({
  type: 'flatten',
  description: 'Makes one row of numbers of an example.',
  params: Type.Object({}),
  keepsRange: () => true,
  outputShape: input => [symbolicProduct(input)],
  apply: (x, _params, { output }) => ({ y: x.reshape([-1, ...output]) }),
  // The stock layer refuses what is flat.
  export: (x, _params, { tf, name, input, output }) =>
    chain(x, {
      layer:
        input.length === 1
          ? tf.layers.reshape({ name, targetShape: [...output] })
          : tf.layers.flatten({ name }),
    }),
});
