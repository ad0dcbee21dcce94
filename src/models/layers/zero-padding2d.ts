import { Type } from 'typebox';
import type * as Tf from '@tensorflow/tfjs';
import { chain, defineLayer } from '../layer.ts';
import { imageShape } from '../shape.ts';
import { plus } from '../size.ts';

type Pair = [number, number];

const pixels = Type.Integer({ minimum: 0 });
const pair = Type.Unsafe<Pair>(Type.Array(pixels, { minItems: 2, maxItems: 2 }));

const sides = (padding: number | readonly Pair[]): [Pair, Pair] =>
  typeof padding === 'number'
    ? [
        [padding, padding],
        [padding, padding],
      ]
    : [padding[0] as Pair, padding[1] as Pair];

export const zeroPadding2d = defineLayer({
  type: 'zeroPadding2d',
  description: 'Puts rows and columns of zeros around an image.',
  params: Type.Object({
    padding: Type.Union([pixels, Type.Array(pair, { minItems: 2, maxItems: 2 })], {
      default: 1,
      expected: 'integer ≥ 0, or [[top, bottom], [left, right]]',
      description: 'How many: a number, or `[[top, bottom], [left, right]]`.',
    }),
  }),
  outputShape: (input, { padding }) => {
    const [height, width, channels] = imageShape(input);
    const [[top, bottom], [left, right]] = sides(padding);
    return [plus(height, top + bottom), plus(width, left + right), channels];
  },
  apply: (x, { padding }, { tensorflow: { tf } }) => ({
    y: tf.pad(x as Tf.Tensor4D, [[0, 0], ...sides(padding), [0, 0]]),
  }),
  export: (x, { padding }, { tf, name }) =>
    chain(x, { layer: tf.layers.zeroPadding2d({ name, padding: sides(padding) }) }),
});
