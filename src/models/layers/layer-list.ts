import { Type } from 'typebox';
import type { LayerSpec } from '../../core/artifacts.ts';

/** Most layers of a list. */
export const MAX_LAYERS = 200;

/** Name of the schema of a layer, by which lists inside a layer refer to it. `schema.ts` gives it. */
export const LAYER = 'network-layer';

/** The parameter of a layer that is a list of layers. */
export const layerList = (options: { readonly description: string; readonly minItems?: number }) =>
  Type.Array(Type.Unsafe<LayerSpec>({ $ref: `#/$defs/${LAYER}` }), {
    maxItems: MAX_LAYERS,
    expected: 'a list of layers { use: …, … }',
    ...options,
  });
