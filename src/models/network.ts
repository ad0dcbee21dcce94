import type { AnyLayerKind, Named, WeightSpec } from './layer.ts';
import type { Dimensions, SymbolicDimensions, SymbolicShape, Shape } from './shape.ts';

/** A weight of a network with its full name, such as `generator/conv2d_1/kernel`. */
export interface NetworkWeight extends WeightSpec {
  readonly key: string;
}

/** A layer in its place: shapes known, parameters complete. */
export interface BoundLayer {
  /** Numbered as in Keras: `conv2d`, `conv2d_1`, …; inside a branch `residual/shortcut/conv2d`, inside a block `up/conv2d`. */
  readonly name: string;
  /** Number of the layer in its network, from 0; the layers inside branches come after theirs. */
  readonly position: number;
  readonly kind: AnyLayerKind;
  readonly params: Readonly<Record<string, unknown>>;
  readonly input: Shape;
  readonly output: Shape;
  /** Of the layer itself, without those in its branches. */
  readonly weights: readonly NetworkWeight[];
  readonly heads: Named<Shape>;
  readonly branches: Named<readonly BoundLayer[]>;
}

/** A network whose shapes fit. */
export interface Network {
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly input: Shape;
  readonly output: Shape;
  /** Shapes of the outputs beside `output`, by name. */
  readonly heads: Named<Shape>;
  readonly layers: readonly BoundLayer[];
  /** Of all layers, in their order. */
  readonly weights: readonly NetworkWeight[];
  readonly conditional: boolean;
}

/** Mistake of a layer that cannot take its input. */
export interface LayerMistake {
  /** Place in the network as written: `['layers', 3]`, or `['layers', 3, 'shortcut', 0]` inside a branch. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Input of the layer, and where it comes from. */
  readonly details: readonly string[];
  readonly hint: string;
}

/** A layer in its place, as far as its shapes are known. */
export interface InferredLayer extends Omit<BoundLayer, 'input' | 'output' | 'heads' | 'branches'> {
  readonly input: SymbolicShape;
  readonly output: SymbolicShape;
  readonly heads: Named<SymbolicShape>;
  readonly branches: Named<readonly InferredLayer[]>;
  /** Its path in the network as in a mistake, and its words in a message: `generator, layer 4 (residual)`. */
  readonly place: { readonly path: LayerMistake['path']; readonly label: string };
}

/** Result of the shape inference through a network. */
export interface InferredNetwork {
  readonly name: string;
  readonly dimensions: SymbolicDimensions;
  readonly input: SymbolicShape;
  /** Undefined where a mistake leaves it unknown. */
  readonly output: SymbolicShape | undefined;
  /** Up to the first one whose output is unknown. */
  readonly layers: readonly InferredLayer[];
  readonly conditional: boolean;
  readonly mistakes: readonly LayerMistake[];
}

/** Layers in order, each one followed by those in its branches. */
export function flattened<L extends { readonly branches: Named<readonly L[]> }>(
  layers: readonly L[],
): readonly L[] {
  return layers.flatMap(layer => [layer, ...Object.values(layer.branches).flatMap(flattened)]);
}

/** A layer in a message: by its name in its list, or as the block that it stands for. */
export function layerTitle({ name, kind, params }: Pick<BoundLayer, 'name' | 'kind' | 'params'>): string {
  const group = kind.group?.(params);
  return group === undefined ? (name.split('/').at(-1) ?? name) : `block ${group}`;
}
