import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';
import { chain, defineLayer } from '../layer.ts';
import { imageShape } from '../shape.ts';
import { times } from '../size.ts';

/** Every pixel of `x [B, H, W, C]` as `size × size` pixels. */
export function enlarge(tf: TensorFlowNamespace, x: Tf.Tensor, size: number): Tf.Tensor {
  const [, height = 0, width = 0] = x.shape;
  // Own gradient: that of TensorFlow.js 4.22 mixes up the images of a batch on the JavaScript backend.
  return tf.customGrad((...args: unknown[]) => ({
    value: tf.image.resizeNearestNeighbor(args[0] as Tf.Tensor4D, [height * size, width * size]),
    gradFunc: (dy: Tf.Tensor) => tf.avgPool(dy as Tf.Tensor4D, size, size, 'valid').mul(size * size),
  }))(x);
}

export const upSampling2d = defineLayer({
  type: 'upSampling2d',
  description: 'Repeats every pixel: nearest-neighbour enlargement.',
  params: Type.Object({
    size: Type.Integer({ minimum: 1, default: 2, description: 'How many times larger, both ways.' }),
  }),
  keepsRange: () => true,
  outputShape: (input, params) => {
    const [height, width, channels] = imageShape(input);
    return [times(height, params.size), times(width, params.size), channels];
  },
  apply: (x, { size }, { tensorflow: { tf } }) => ({ y: enlarge(tf, x, size) }),
  export: (x, { size }, { tf, name }) =>
    chain(x, { layer: tf.layers.upSampling2d({ name, size: [size, size] }) }),
});
