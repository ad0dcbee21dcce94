import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import { formatShape, resolveSize, ShapeError, sizeSchema, type Size } from '../shape.ts';
import { activate, activationSchema } from './activations.ts';

export const dense = defineLayer({
  type: 'dense',
  description: 'A fully connected layer: activation(x · kernel + bias).',
  params: Type.Object({
    units: Type.Unsafe<Size>(sizeSchema('The number of outputs.')),
    activation: activationSchema('Applied to the result.'),
    useBias: Type.Boolean({ default: true, description: 'Whether a bias is added.' }),
  }),
  outputShape: (input, params, dimensions) => {
    if (input.length !== 1)
      throw new ShapeError(`needs rows [B, units], and gets ${formatShape(input)}; flatten first`);
    return [resolveSize(params.units, dimensions)];
  },
  weights: (input, params, dimensions) => {
    const fanIn = input[0] as number;
    const fanOut = resolveSize(params.units, dimensions);
    return [
      { name: 'kernel', shape: [fanIn, fanOut], init: { fanIn, fanOut }, trainable: true },
      ...(params.useBias ? [{ name: 'bias', shape: [fanOut], init: 'zeros', trainable: true } as const] : []),
    ];
  },
  apply: (x, params, { tensorflow, weights }) => {
    const product = tensorflow.tf.matMul(x, weights['kernel'] as Tf.Tensor2D);
    const bias = weights['bias'];
    return activate(
      tensorflow,
      bias === undefined ? product : tensorflow.ops.biasAdd(product, bias),
      params.activation,
    );
  },
  toLayer: (x, params, { tf, name, dimensions }) =>
    tf.layers
      .dense({
        name,
        units: resolveSize(params.units, dimensions),
        activation: params.activation,
        useBias: params.useBias,
      })
      .apply(x) as typeof x,
});
