import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import {
  formatShape,
  openProduct,
  resolveSizes,
  ShapeError,
  sizeSchema,
  type OpenShape,
  type WrittenSize,
} from '../shape.ts';
import { formatSize, isSame } from '../size.ts';

const counted = (shape: OpenShape) => `${formatShape(shape)} (${formatSize(openProduct(shape))} numbers)`;

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
  outputShape: (input, params, dimensions) => {
    const output = resolveSizes(params.targetShape, dimensions);
    if (isSame(openProduct(output), openProduct(input)) === false)
      throw new ShapeError(`cannot make ${counted(output)} of ${counted(input)}`, { meant: output });
    return output;
  },
  apply: (x, _params, _call, { output }) => x.reshape([-1, ...output]),
  toLayer: (x, params, { tf, name, dimensions }) =>
    tf.layers
      .reshape({ name, targetShape: [...resolveSizes(params.targetShape, dimensions)] })
      .apply(x) as typeof x,
});
