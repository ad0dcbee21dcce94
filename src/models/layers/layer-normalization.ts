import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { formatShape, ShapeError, type SymbolicShape } from '../shape.ts';
import { standardize } from './standardize.ts';

/** Axes of `[B, …]` that an `axis` names: the batch is 0, and the last one -1. */
function axesOf(axis: number | readonly number[], input: SymbolicShape): readonly number[] {
  const rank = input.length + 1;
  const axes = [axis].flat().map(each => (each < 0 ? each + rank : each));
  if (axes.every(each => each > 0 && each < rank) && new Set(axes).size === axes.length) return axes;
  throw new ShapeError(`normalises over axis ${JSON.stringify(axis)}, and gets ${formatShape(input)}`, {
    meant: input,
    hint: `Name axes from 1 to ${rank - 1}, each once; -1 is the last one.`,
  });
}

export const layerNormalization = defineLayer({
  type: 'layerNormalization',
  description: 'Normalises each example by its own mean and variance over some axes.',
  params: Type.Object({
    axis: Type.Unsafe<number | readonly number[]>(
      Type.Union([Type.Integer(), Type.Array(Type.Integer(), { minItems: 1 })], {
        default: -1,
        description: 'What is normalised over: -1, the channels of a pixel; [1, 2, 3], the whole image.',
      }),
    ),
    epsilon: Type.Number({ exclusiveMinimum: 0, default: 0.001, description: 'Added to the variance.' }),
  }),
  outputShape: (input, { axis }) => {
    axesOf(axis, input);
    return input;
  },
  weights: (input, { axis }) => {
    const shape = axesOf(axis, input).map(each => input[each - 1] as number);
    return [
      { name: 'gamma', shape, init: 'ones', trainable: true },
      { name: 'beta', shape, init: 'zeros', trainable: true },
    ];
  },
  apply: (x, { axis, epsilon }, { tensorflow: { tf }, input, weights }) => {
    const axes = axesOf(axis, input);
    const shape = x.shape.map((size, each) => (axes.includes(each) ? size : 1));
    const [gamma, beta] = [weights['gamma'] as Tf.Tensor, weights['beta'] as Tf.Tensor];
    const y = standardize(tf, x, axes, epsilon).mul(gamma.reshape(shape)).add(beta.reshape(shape));
    return { y };
  },
  export: (x, { axis, epsilon }, { tf, name, input, weights }) => {
    const layer = tf.layers.layerNormalization({ name, epsilon, axis: [...axesOf(axis, input)] });
    return chain(x, { layer, weights: Object.values(weights) });
  },
});
