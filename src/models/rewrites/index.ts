import { cancelledBias } from './cancelled-bias.ts';
import { convolvedActivation } from './convolved-activation.ts';
import { groupedLayers } from './grouped-layers.ts';
import { normalizedActivation } from './normalized-activation.ts';
import { pooledConv2d } from './pooled-conv2d.ts';
import type { Rewrite } from './rewrite.ts';
import { upsampledConv2d } from './upsampled-conv2d.ts';

/** Every rewrite, in the order in which they are applied. */
export const rewrites: readonly Rewrite[] = [
  groupedLayers,
  cancelledBias,
  upsampledConv2d,
  pooledConv2d,
  normalizedActivation,
  convolvedActivation,
];
