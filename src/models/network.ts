import type { AnyLayerKind, Named, WeightSpec } from './layer.ts';
import type { Dimensions, OpenDimensions, OpenShape, Shape } from './shape.ts';

/** A weight of a network with its full name, such as `generator/conv2d_1/kernel`. */
export interface NetworkWeight extends WeightSpec {
  readonly key: string;
}

/** A layer in its place: shapes known, parameters complete. */
export interface BoundLayer {
  /** Keras's way of numbering: `conv2d`, `conv2d_1`, …; inside a branch `residual/shortcut/conv2d`. */
  readonly name: string;
  /** Number of the layer in its network, from 0; a layer with branches comes before the layers in them. */
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

/** A layer that cannot take what comes to it. */
export interface LayerMistake {
  /** Place in the network as written: `['layers', 3]`, or `['layers', 3, 'shortcut', 0]` inside a branch. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** What the layer gets. */
  readonly details: readonly string[];
  readonly hint: string;
}

/** A layer in its place, as far as its shapes are known. */
export interface FollowedLayer extends Omit<BoundLayer, 'input' | 'output' | 'heads' | 'branches'> {
  readonly input: OpenShape;
  readonly output: OpenShape;
  readonly heads: Named<OpenShape>;
  readonly branches: Named<readonly FollowedLayer[]>;
}

/** The shapes through a network, as far as they are known. */
export interface FollowedNetwork {
  readonly name: string;
  readonly dimensions: OpenDimensions;
  readonly input: OpenShape;
  /** Undefined where a mistake leaves it open. */
  readonly output: OpenShape | undefined;
  /** Up to the first one whose output cannot even be guessed. */
  readonly layers: readonly FollowedLayer[];
  readonly conditional: boolean;
  readonly mistakes: readonly LayerMistake[];
}

/** Layers in order, each one followed by those in its branches. */
export function flattened<L extends { readonly branches: Named<readonly L[]> }>(
  layers: readonly L[],
): readonly L[] {
  return layers.flatMap(layer => [layer, ...Object.values(layer.branches).flatMap(flattened)]);
}
