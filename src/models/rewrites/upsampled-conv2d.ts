import type * as Tf from '@tensorflow/tfjs';
import type { Static } from 'typebox';
import type { ConvFinish } from '../../core/tensorflow.ts';
import type { LayerContext, LayerResult } from '../layer.ts';
import { conv2d } from '../layers/conv2d.ts';
import { finishedConvolution } from '../layers/linear.ts';
import { kernelOf } from '../layers/spectral.ts';
import { upSampling2d } from '../layers/up-sampling2d.ts';
import type { Applied, Rewrite } from './rewrite.ts';

/** @param slope Of a leaky ReLU in place of the activation, in a layer with a bias. */
export function convolveUpsampled(
  x: Tf.Tensor,
  { activation }: Static<typeof conv2d.params>,
  context: LayerContext,
  slope?: number,
): LayerResult {
  const { kernel, ...state } = kernelOf(context);
  const convolution = (finish?: ConvFinish) => context.tensorflow.ops.upsampledConv2d(x, kernel, finish);
  return { y: finishedConvolution(convolution, activation, context, slope), ...state };
}

export const conv2dOfUpsampled: Applied = {
  type: 'conv2d of an upsampling',
  apply: (x, params: Static<typeof conv2d.params>, context) => convolveUpsampled(x, params, context),
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
