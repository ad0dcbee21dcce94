import { layerTitle, type InferredNetwork, type LayerMistake } from './network.ts';
import { formatShape, isSameShape, type SymbolicShape } from './shape.ts';

/** What a message says of the shape that is needed. */
interface WrongEndWords {
  /** Such as `one number per image, [B, 1], is needed`. */
  readonly need: string;
  readonly hint: (found: SymbolicShape) => string;
}

/** Mistake of a network that ends in a wrong shape, at the layer that made the shape. */
export function wrongEnd(
  { name, layers, output }: Pick<InferredNetwork, 'name' | 'layers' | 'output'>,
  wanted: SymbolicShape,
  { need, hint }: WrongEndWords,
): readonly LayerMistake[] {
  if (output === undefined || isSameShape(output, wanted) !== false) return [];
  const shaping = layers.findLastIndex(layer => isSameShape(layer.input, layer.output) !== true);
  const layer = Math.max(0, shaping);
  const shaped = layers[layer];
  return [
    {
      path: ['layers', layer],
      message: `${name}, layer ${layer + 1} (${shaped === undefined ? 'none' : layerTitle(shaped)}): the network ends in ${formatShape(output)}, and ${need}`,
      details: [],
      hint: hint(output),
    },
  ];
}
