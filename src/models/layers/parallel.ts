import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import { formatShape, isSameShape, ShapeError, type SymbolicShape } from '../shape.ts';
import { plus, type Size } from '../size.ts';
import { layerList } from './layer-list.ts';

const channelsOf = (shape: SymbolicShape): Size => shape.at(-1) as Size;

/** Several lists of layers side by side (Szegedy et al. 2015). */
export const parallel = defineLayer({
  type: 'parallel',
  description:
    'Gives x to each of its branches, and joins their outputs: the channels of one after those of another.',
  params: Type.Object({
    branches: Type.Array(layerList({ description: 'A branch; an empty one passes x on.' }), {
      minItems: 2,
      maxItems: 64,
      description: 'The lists of layers.',
    }),
  }),
  branches: ({ branches }) =>
    Object.fromEntries(branches.map((layers, index) => [`branches/${index}`, layers])),
  outputShape: (_input, _params, _dimensions, branches) => {
    const shapes = Object.values(branches);
    const [first, ...others] = shapes as [SymbolicShape, ...SymbolicShape[]];
    const output = [...first.slice(0, -1), others.map(channelsOf).reduce(plus, channelsOf(first))];
    const misfit = others.find(shape => isSameShape(shape.slice(0, -1), first.slice(0, -1)) === false);
    if (misfit === undefined) return output;
    throw new ShapeError(
      `its branches end in ${shapes.map(formatShape).join(' and ')}, which differ in more than the channels`,
      { meant: output, hint: 'Change the branches so that only the last number differs.' },
    );
  },
  apply: (_x, _params, { tensorflow: { tf }, branches }) => ({ y: tf.concat(Object.values(branches), -1) }),
  export: (_x, _params, { tf, name, branches }) => ({
    y: tf.layers.concatenate({ name, axis: -1 }).apply(Object.values(branches)) as Tf.SymbolicTensor,
  }),
});
