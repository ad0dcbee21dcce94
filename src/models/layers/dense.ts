import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { formatShape, resolveSize, ShapeError, sizeSchema, type WrittenSize } from '../shape.ts';
import { stockActivation } from './activations.ts';
import { finishLinear, linearParams, linearWeights } from './linear.ts';
import { foldedWeights, kernelOf } from './spectral.ts';

export const dense = defineLayer({
  type: 'dense',
  description: 'A fully connected layer: activation(x · kernel + bias).',
  params: Type.Object({
    units: Type.Unsafe<WrittenSize>(sizeSchema('The number of outputs.')),
    ...linearParams,
  }),
  outputShape: (input, params, dimensions) => {
    const output = [resolveSize(params.units, dimensions)];
    if (input.length === 1) return output;
    throw new ShapeError(`needs rows [B, units], and gets ${formatShape(input)}; flatten first`, {
      meant: output,
      hint: 'Put a flatten layer before it.',
    });
  },
  weights: (input, params, dimensions) => {
    const fanIn = input[0] as number;
    const fanOut = resolveSize(params.units, dimensions);
    return linearWeights({ shape: [fanIn, fanOut], fans: { fanIn, fanOut } }, fanOut, params);
  },
  macs: ([inputs = 0], [outputs = 0]) => inputs * outputs,
  apply: (x, { activation }, context) => {
    const { kernel, ...state } = kernelOf(context);
    const product = context.tensorflow.tf.matMul(x, kernel);
    return { y: finishLinear(product, activation, context), ...state };
  },
  export: (x, params, context) => {
    const { tf, name, output } = context;
    const activation = stockActivation(params.activation);
    const layer = tf.layers.dense({
      name,
      units: output[0] as number,
      activation,
      useBias: params.useBias,
    });
    return chain(x, { layer, weights: foldedWeights(context) });
  },
});
