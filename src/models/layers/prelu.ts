import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { initializerSchema } from '../initializers.ts';
import { chain, defineLayer } from '../layer.ts';
import { formatShape, ShapeError } from '../shape.ts';

/** A rectifier whose slope is trained (He et al. 2015). */
export const prelu = defineLayer({
  type: 'prelu',
  description: 'x where it is positive, alpha · x elsewhere, with an alpha that is trained.',
  params: Type.Object({
    sharedAxes: Type.Array(Type.Integer({ minimum: 1 }), {
      default: [],
      uniqueItems: true,
      description: 'The axes along which alpha is the same: [1, 2] gives each channel of an image one.',
    }),
    alphaInitializer: initializerSchema('How the initial values of alpha are drawn.', 'zeros'),
  }),
  outputShape: (input, { sharedAxes }) => {
    const wrong = sharedAxes.find(axis => axis > input.length);
    if (wrong === undefined) return input;
    throw new ShapeError(`shares alpha along axis ${wrong}, and gets ${formatShape(input)}`, {
      meant: input,
      hint: `Name axes from 1 to ${input.length}.`,
    });
  },
  weights: (input, { sharedAxes, alphaInitializer }) => {
    const shape = input.map((size, index) => (sharedAxes.includes(index + 1) ? 1 : size));
    const init = { fanIn: 1, fanOut: 1, initializer: alphaInitializer };
    return [{ name: 'alpha', shape, init, trainable: true }];
  },
  // Of operations whose gradients have gradients, as a gradient penalty needs: TensorFlow.js's has none.
  apply: (x, _params, { tensorflow: { ops }, weights }) => ({
    y: ops.relu(x).sub(ops.relu(x.neg()).mul(weights['alpha'] as Tf.Tensor)),
  }),
  export: (x, { sharedAxes }, { tf, name, weights }) =>
    chain(x, {
      layer: tf.layers.prelu({ name, sharedAxes: [...sharedAxes] }),
      weights: Object.values(weights),
    }),
});
