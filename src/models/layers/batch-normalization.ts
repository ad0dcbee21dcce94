import type * as Tf from '@tensorflow/tfjs';
import { Type, type Static } from 'typebox';
import { chain, defineLayer, type LayerContext, type LayerResult } from '../layer.ts';

const params = Type.Object({
  momentum: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.99,
    description: 'Of the moving statistics.',
  }),
  epsilon: Type.Number({ exclusiveMinimum: 0, default: 0.001, description: 'Added to the variance.' }),
});

type Params = Static<typeof params>;

interface Weights {
  readonly gamma: Tf.Tensor1D;
  readonly beta: Tf.Tensor1D;
  readonly movingMean: Tf.Tensor1D;
  readonly movingVariance: Tf.Tensor1D;
}

/**
 * Batch normalisation of `x + bias` (Ioffe & Szegedy 2015, algorithms 1 and 2). The bias `[C]`, where there is one, is never
 * added: it moves the mean of what is normalised and nothing else.
 */
export function normalize(
  x: Tf.Tensor,
  { momentum, epsilon }: Params,
  { tensorflow: { tf, ops }, training, weights }: Pick<LayerContext, 'tensorflow' | 'training' | 'weights'>,
  bias?: Tf.Tensor,
): LayerResult {
  const { gamma, beta, movingMean, movingVariance } = weights as unknown as Weights;
  if (!training) {
    const mean = bias === undefined ? movingMean : movingMean.sub<Tf.Tensor1D>(bias);
    return { y: tf.batchNorm(x, mean, movingVariance, beta, gamma, epsilon) };
  }
  const { y, mean, variance } = ops.batchNorm(x, gamma, beta, epsilon);
  const moved = (old: Tf.Tensor, batch: Tf.Tensor) => old.mul(momentum).add(batch.mul(1 - momentum));
  return {
    y,
    state: {
      movingMean: moved(movingMean, bias === undefined ? mean : mean.add(bias)),
      movingVariance: moved(movingVariance, variance),
    },
  };
}

export const batchNormalization = defineLayer({
  type: 'batchNormalization',
  description: 'Normalises each channel: by the batch in training, by moving statistics afterwards.',
  params,
  outputShape: input => input,
  weights: input => {
    const shape = [input[input.length - 1] as number];
    return [
      { name: 'gamma', shape, init: 'ones', trainable: true },
      { name: 'beta', shape, init: 'zeros', trainable: true },
      { name: 'movingMean', shape, init: 'zeros', trainable: false },
      { name: 'movingVariance', shape, init: 'ones', trainable: false },
    ];
  },
  apply: (x, params, context) => normalize(x, params, context),
  export: (x, params, { tf, name, weights }) =>
    chain(x, { layer: tf.layers.batchNormalization({ name, ...params }), weights: Object.values(weights) }),
});
