import type { DiscriminatorOutline } from '../core/outline.ts';
import { flattened, type InferredNetwork } from './network.ts';

/** Properties of a discriminator, as far as its layers' shapes are known. */
export function discriminatorOutline({ layers }: Pick<InferredNetwork, 'layers'>): DiscriminatorOutline {
  const all = flattened(layers);
  return {
    hasBatchNormalization: all.some(({ kind }) => kind.type === 'batchNormalization'),
    heads: all.flatMap(({ heads }) => Object.keys(heads)),
  };
}
