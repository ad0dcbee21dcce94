import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import {
  formatShape,
  product,
  resolveSize,
  ShapeError,
  sizeSchema,
  type Dimensions,
  type Size,
} from '../shape.ts';

const target = (sizes: readonly Size[], dimensions: Dimensions) =>
  sizes.map(size => resolveSize(size, dimensions));

export const reshape = defineLayer({
  type: 'reshape',
  description: 'The same numbers in another shape.',
  params: Type.Object({
    targetShape: Type.Array(Type.Unsafe<Size>(sizeSchema('One size.')), {
      minItems: 1,
      maxItems: 3,
      description: 'The new shape, without the batch: `[8, 8, 128]`.',
    }),
  }),
  outputShape: (input, params, dimensions) => {
    const output = target(params.targetShape, dimensions);
    if (product(output) !== product(input))
      throw new ShapeError(
        `cannot make ${formatShape(output)} (${product(output)} numbers) of ${formatShape(input)} (${product(input)} numbers)`,
      );
    return output;
  },
  apply: (x, _params, _call, { output }) => x.reshape([-1, ...output]),
  toLayer: (x, params, { tf, name, dimensions }) =>
    tf.layers.reshape({ name, targetShape: target(params.targetShape, dimensions) }).apply(x) as typeof x,
});
