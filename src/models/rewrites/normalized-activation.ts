import type { Static } from 'typebox';
import { activation } from '../layers/activation.ts';
import { batchNormalization, normalize } from '../layers/batch-normalization.ts';
import { leakyReLU } from '../layers/leaky-relu.ts';
import { normalizeWithBias } from './cancelled-bias.ts';
import type { Applied, PassLayer, Rewrite } from './rewrite.ts';

/** Slope of a ReLU, leaky or not, where its input is negative; undefined for every other layer. */
export function slopeOf({ kind, params }: PassLayer): number | undefined {
  if (kind === leakyReLU) return params['alpha'] as number;
  return kind === activation && params['activation'] === 'relu' ? 0 : undefined;
}

const normalizeAndActivate = (slope: number): Applied => ({
  type: 'batchNormalization with its activation',
  apply: (x, params: Static<typeof batchNormalization.params>, context) =>
    normalize(x, params, context, { bias: context.weights['bias'], slope }),
});

/** One operation for a batch normalisation and the (leaky) ReLU after it: both read and write all of x and do little else. */
export const normalizedActivation: Rewrite = {
  match: [
    ({ kind }) => kind === batchNormalization || kind === normalizeWithBias,
    layer => slopeOf(layer) !== undefined,
  ],
  apply: (normalization, relu) => [{ ...normalization, kind: normalizeAndActivate(slopeOf(relu) as number) }],
};
