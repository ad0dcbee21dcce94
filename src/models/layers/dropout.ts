import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { chain, defineLayer, type LayerContext, type LayerResult } from '../layer.ts';
import { imageShape } from '../shape.ts';

const rate = Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'The share that is set to zero.' });

/** Inverted dropout (Srivastava et al. 2014), so that nothing is scaled after training. @param shape Of what is kept or not. */
function drop(
  x: Tf.Tensor,
  share: number,
  shape: readonly number[],
  { tensorflow: { tf, ops }, training, seed }: LayerContext,
): LayerResult {
  if (!training || share === 0) return { y: x };
  if (seed === undefined) throw new Error('a network with dropout was trained without a seed');
  const kept = ops.randomUniform(shape, seed).greaterEqual(share);
  return { y: x.mul(tf.cast(kept, 'float32')).div(1 - share) };
}

export const dropout = defineLayer({
  type: 'dropout',
  description: 'Sets a random share of the numbers to zero in training.',
  params: Type.Object({ rate }),
  outputShape: input => input,
  apply: (x, params, context) => drop(x, params.rate, x.shape, context),
  export: (x, { rate }, { tf, name }) => chain(x, { layer: tf.layers.dropout({ name, rate }) }),
});

/** Dropout of feature maps (Tompson et al. 2015). */
export const spatialDropout2d = defineLayer({
  type: 'spatialDropout2d',
  description: 'Sets a random share of the channels of each image to zero in training.',
  params: Type.Object({ rate }),
  outputShape: input => imageShape(input),
  apply: (x, params, context) => {
    const [batch = 0, , , channels = 0] = x.shape;
    return drop(x, params.rate, [batch, 1, 1, channels], context);
  },
  export: (x, params, { tf, name, input }) => {
    // Null is the size of the batch; the types of TensorFlow.js lack it.
    const noiseShape = [null, 1, 1, input[2]] as number[];
    return chain(x, { layer: tf.layers.dropout({ name, rate: params.rate, noiseShape }) });
  },
});
