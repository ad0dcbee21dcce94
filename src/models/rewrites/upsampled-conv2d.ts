import type { Static } from 'typebox';
import { conv2d } from '../layers/conv2d.ts';
import { finishLinear } from '../layers/linear.ts';
import { kernelOf } from '../layers/spectral.ts';
import { upSampling2d } from '../layers/up-sampling2d.ts';
import type { Applied, Rewrite } from './rewrite.ts';

const conv2dOfUpsampled: Applied = {
  type: 'conv2d of an upsampling',
  apply: (x, { activation }: Static<typeof conv2d.params>, context) => {
    const { kernel, ...state } = kernelOf(context);
    const y = context.tensorflow.ops.upsampledConv2d(x, kernel);
    return { y: finishLinear(y, activation, context), ...state };
  },
};

/** One operation for a nearest upsampling ×2 and a 3×3 convolution with stride 1 and padding `same`. */
export const upsampledConv2d: Rewrite = {
  match: [
    ({ kind, params }) => kind === upSampling2d && params['size'] === 2,
    ({ kind, params }) =>
      kind === conv2d &&
      params['kernelSize'] === 3 &&
      params['strides'] === 1 &&
      params['padding'] === 'same',
  ],
  apply: (upsampling, convolution) => [{ ...convolution, kind: conv2dOfUpsampled, input: upsampling.input }],
};
