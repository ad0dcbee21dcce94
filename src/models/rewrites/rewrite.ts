import type * as Tf from '@tensorflow/tfjs';
import type { LayerContext, LayerResult, Named } from '../layer.ts';
import { mapValues } from '../map-values.ts';
import type { BoundLayer } from '../network.ts';

/** The part of a kind of layer that a forward pass calls. */
export interface Applied {
  readonly type: string;
  apply(x: Tf.Tensor, params: PassLayer['params'], context: LayerContext): LayerResult;
}

/** A layer of a forward pass: as written, or made by a rewrite. */
export interface PassLayer extends Omit<BoundLayer, 'kind' | 'branches'> {
  readonly kind: Applied;
  readonly branches: Named<readonly PassLayer[]>;
}

/** Replacement of consecutive layers by others that compute the same with less work. */
export interface Rewrite {
  /** One condition for each consecutive layer. */
  readonly match: readonly ((layer: PassLayer) => boolean)[];
  /** Returns the replacement of the matched layers, which are as many as the conditions. */
  readonly apply: (...layers: PassLayer[]) => readonly PassLayer[];
}

/** Applies rewrites in order, each wherever it matches, branches included. */
export const rewriteLayers = (
  layers: readonly PassLayer[],
  rewrites: readonly Rewrite[],
): readonly PassLayer[] => rewrites.reduce(applyEverywhere, layers);

function applyEverywhere(layers: readonly PassLayer[], rewrite: Rewrite): readonly PassLayer[] {
  const inside = layers.map(layer => ({
    ...layer,
    branches: mapValues(layer.branches, branch => applyEverywhere(branch, rewrite)),
  }));
  return applyRewrite(inside, rewrite);
}

function applyRewrite(layers: readonly PassLayer[], { match, apply }: Rewrite): readonly PassLayer[] {
  const result: PassLayer[] = [];
  for (let at = 0; at < layers.length;) {
    const taken = layers.slice(at, at + match.length);
    const matches =
      taken.length === match.length && match.every((fits, index) => fits(taken[index] as PassLayer));
    result.push(...(matches ? apply(...taken) : layers.slice(at, at + 1)));
    at += matches ? match.length : 1;
  }
  return result;
}
