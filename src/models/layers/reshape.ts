import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import {
  formatShape,
  symbolicProduct,
  resolveSizes,
  ShapeError,
  sizeSchema,
  type SymbolicShape,
  type WrittenSize,
} from '../shape.ts';
import { formatSize, isSame } from '../size.ts';

const counted = (shape: SymbolicShape) =>
  `${formatShape(shape)} (${formatSize(symbolicProduct(shape))} numbers)`;

export const reshape = defineLayer({
  type: 'reshape',
  description: 'The same numbers in another shape.',
  params: Type.Object({
    targetShape: Type.Array(Type.Unsafe<WrittenSize>(sizeSchema('One size.')), {
      minItems: 1,
      maxItems: 3,
      description: 'The new shape, without the batch: `[8, 8, 128]`.',
    }),
  }),
  keepsRange: () => true,
  outputShape: (input, params, dimensions) => {
    const output = resolveSizes(params.targetShape, dimensions);
    if (isSame(symbolicProduct(output), symbolicProduct(input)) === false)
      throw new ShapeError(`cannot make ${counted(output)} of ${counted(input)}`, { meant: output });
    return output;
  },
  apply: (x, _params, { output }) => ({ y: x.reshape([-1, ...output]) }),
  export: (x, _params, { tf, name, output }) =>
    chain(x, { layer: tf.layers.reshape({ name, targetShape: [...output] }) }),
});
