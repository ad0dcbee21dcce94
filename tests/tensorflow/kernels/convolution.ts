import type * as Tf from '@tensorflow/tfjs';
import { Random } from '../../../src/core/random.ts';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';

/** Sizes of a convolution: images `[batch, height, width, inputs]`, a kernel `[size, size, inputs, outputs]`. */
export interface ConvSizes {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly size: number;
  readonly outputs: number;
  readonly stride: number;
  /** Of the nearest upsampling before it. */
  readonly upsample: 1 | 2;
}

/** From eight numbers in that order. */
export const sizes = (text: string): ConvSizes => {
  const [batch, height, width, inputs, size, outputs, stride, upsample] = text.split(' ').map(Number);
  return { batch, height, width, inputs, size, outputs, stride, upsample } as ConvSizes;
};

export function tensors(tf: typeof Tf, given: ConvSizes) {
  const { batch, height, width, inputs, size, outputs, stride, upsample } = given;
  const random = new Random(3);
  const drawn = (shape: [number, number, number, number]) =>
    tf.tensor(random.normals(shape.reduce((product, each) => product * each, 1)), shape);
  const out = (length: number) => Math.ceil((length * upsample) / stride);
  return {
    x: drawn([batch, height, width, inputs]),
    kernel: drawn([size, size, inputs, outputs]),
    dy: drawn([batch, out(height), out(width), outputs]),
  };
}

/** Output, gradient of x and gradient of the kernel of the fused convolution. */
export function convolve({ tf, ops }: TensorFlow, given: ConvSizes): readonly Tf.Tensor[] {
  const { x, kernel, dy } = tensors(tf, given);
  const fused = (images: Tf.Tensor, taps: Tf.Tensor) =>
    given.upsample === 2 ? ops.upsampledConv2d(images, taps) : ops.conv2d(images, taps, given.stride);
  return [fused(x, kernel), ...tf.grads((a, b) => fused(a, b))([x, kernel], dy)];
}

/** The tensors of a convolution, with a bias. */
export const finishing = (tf: typeof Tf, given: ConvSizes) => ({
  ...tensors(tf, given),
  bias: tf.tensor1d(new Random(4).normals(given.outputs)),
});

/** Output and gradients of x, kernel and bias of the fused convolution with a bias and a leaky ReLU after it. */
export function convolveAndFinish(
  { tf, ops }: TensorFlow,
  given: ConvSizes,
  slope: number,
): readonly Tf.Tensor[] {
  const { x, kernel, bias, dy } = finishing(tf, given);
  const fused = (images: Tf.Tensor, taps: Tf.Tensor, vector: Tf.Tensor) => {
    const finish = { bias: vector, slope };
    return given.upsample === 2
      ? ops.upsampledConv2d(images, taps, finish)
      : ops.conv2d(images, taps, given.stride, finish);
  };
  return [fused(x, kernel, bias), ...tf.grads(fused)([x, kernel, bias], dy)];
}
