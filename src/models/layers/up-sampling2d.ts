import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import { imageShape } from '../shape.ts';
import { times } from '../size.ts';

export const upSampling2d = defineLayer({
  type: 'upSampling2d',
  description: 'Repeats every pixel: nearest-neighbour enlargement.',
  params: Type.Object({
    size: Type.Integer({ minimum: 1, default: 2, description: 'How many times larger, both ways.' }),
  }),
  outputShape: (input, params) => {
    const [height, width, channels] = imageShape(input);
    return [times(height, params.size), times(width, params.size), channels];
  },
  apply: (x, { size }, { tensorflow: { tf } }, { output }) =>
    // With a gradient of its own: TensorFlow.js's, on the JavaScript backend, mixes up the images of a batch (4.22).
    tf.customGrad((...args: unknown[]) => ({
      value: tf.image.resizeNearestNeighbor(args[0] as Tf.Tensor4D, [
        output[0] as number,
        output[1] as number,
      ]),
      gradFunc: (dy: Tf.Tensor) => tf.avgPool(dy as Tf.Tensor4D, size, size, 'valid').mul(size * size),
    }))(x),
  toLayer: (x, params, { tf, name }) =>
    tf.layers.upSampling2d({ name, size: [params.size, params.size] }).apply(x) as typeof x,
});
