import type { Static } from 'typebox';
import { batchNormalization, normalize } from '../layers/batch-normalization.ts';
import { conv2dTranspose } from '../layers/conv2d-transpose.ts';
import { conv2d } from '../layers/conv2d.ts';
import { dense } from '../layers/dense.ts';
import type { NetworkWeight } from '../network.ts';
import type { Applied, Rewrite } from './rewrite.ts';

/** Kinds that add their weight `bias` last, before the activation. */
const LINEAR: readonly Applied[] = [dense, conv2d, conv2dTranspose];

const isBias = ({ name }: NetworkWeight): boolean => name === 'bias';

/** Normalisation of the sum of x and the weight `bias`, where there is one. */
export const normalizeWithBias: Applied = {
  type: 'batchNormalization of what lacks its bias',
  apply: (x, params: Static<typeof batchNormalization.params>, context) =>
    normalize(x, params, context, { bias: context.weights['bias'] }),
};

/**
 * Omission of a bias straight before a batch normalisation, which cancels it; only the moving mean shifts by it. Its gradient is
 * exactly zero: it is not trained and keeps its initial value. (Computed with rounding, as in Keras, it moves by noise that
 * cancels as well.)
 */
export const cancelledBias: Rewrite = {
  match: [
    ({ kind, params, weights }) =>
      LINEAR.includes(kind) && params['activation'] === 'linear' && weights.some(isBias),
    ({ kind }) => kind === batchNormalization,
  ],
  apply: (linear, normalization) => {
    const bias = linear.weights.filter(isBias).map(weight => ({ ...weight, trainable: false }));
    return [
      { ...linear, weights: linear.weights.filter(weight => !isBias(weight)) },
      { ...normalization, kind: normalizeWithBias, weights: [...normalization.weights, ...bias] },
    ];
  },
};
