import type { Static } from 'typebox';
import { conv2d, convolve } from '../layers/conv2d.ts';
import { slopeOf } from './normalized-activation.ts';
import type { Applied, PassLayer, Rewrite } from './rewrite.ts';
import { conv2dOfUpsampled, convolveUpsampled } from './upsampled-conv2d.ts';

/** A convolution whose operation adds a bias: its padding is `same`, and nothing else follows the bias. */
const endsInBias = ({ kind, params, weights }: PassLayer): boolean =>
  (kind === conv2d || kind === conv2dOfUpsampled) &&
  params['padding'] === 'same' &&
  params['activation'] === 'linear' &&
  weights.some(({ name }) => name === 'bias');

const convolveAndActivate = (
  convolution: typeof convolve | typeof convolveUpsampled,
  slope: number,
): Applied => ({
  type: 'conv2d with its activation',
  apply: (x, params: Static<typeof conv2d.params>, context) => convolution(x, params, context, slope),
});

/** One operation for a convolution with a bias and the (leaky) ReLU after it. */
export const convolvedActivation: Rewrite = {
  match: [endsInBias, layer => slopeOf(layer) !== undefined],
  apply: (convolution, relu) => {
    const made = convolution.kind === conv2d ? convolve : convolveUpsampled;
    return [{ ...convolution, kind: convolveAndActivate(made, slopeOf(relu) as number) }];
  },
};
