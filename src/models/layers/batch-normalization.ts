import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';

export const batchNormalization = defineLayer({
  type: 'batchNormalization',
  description: 'Normalises each channel: by the batch in training, by moving statistics afterwards.',
  params: Type.Object({
    momentum: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.99,
      description: 'Of the moving statistics.',
    }),
    epsilon: Type.Number({ exclusiveMinimum: 0, default: 0.001, description: 'Added to the variance.' }),
  }),
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
  // With moving statistics; forward.ts does training, which also updates them.
  apply: (x, params, { tensorflow: { tf }, weights }) =>
    tf.batchNorm(
      x,
      weights['movingMean'] as Tf.Tensor1D,
      weights['movingVariance'] as Tf.Tensor1D,
      weights['beta'] as Tf.Tensor1D,
      weights['gamma'] as Tf.Tensor1D,
      params.epsilon,
    ),
  toLayer: (x, params, { tf, name }) =>
    tf.layers.batchNormalization({ name, ...params }).apply(x) as typeof x,
});
