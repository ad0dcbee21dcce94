import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import type { SymbolicShape } from '../shape.ts';
import { layerList } from './layer-list.ts';

/** Letters, digits and hyphens: no underscore and no slash, by which names of weights and layers are numbered and joined. */
export const GROUP_NAME = '^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$';

/** A list of layers as one. Blocks of a networks file become these. */
export const sequential = defineLayer({
  type: 'sequential',
  description: 'Its layers one after the other, under a name of their own.',
  params: Type.Object({
    name: Type.String({
      pattern: GROUP_NAME,
      maxLength: 64,
      expected: 'letters, digits and single hyphens, beginning with a letter',
      description: 'What to call it in summaries, and first in the names of its weights.',
    }),
    layers: layerList({ description: 'The layers in order.', minItems: 1 }),
  }),
  group: ({ name }) => name,
  branches: ({ layers }) => ({ layers }),
  outputShape: (_input, _params, _dimensions, { layers }) => layers as SymbolicShape,
  apply: (_x, _params, { branches: { layers } }) => ({ y: layers as Tf.Tensor }),
  export: (_x, _params, { branches: { layers } }) => ({ y: layers as Tf.SymbolicTensor }),
});
