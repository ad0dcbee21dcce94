import type * as Tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { convolve, convolveAndFinish, finishing, sizes, tensors, type ConvSizes } from './convolution.ts';

// On TensorFlow as it is set up on this machine.
const tensorflow = await testTensorFlow();
const { tf, ops, kind } = tensorflow;

/** Batch, height, width, inputs, size, outputs, stride, upsampling. */
const CASES: readonly (readonly [string, string])[] = [
  ['a generator’s layer', '3 4 4 32 3 16 1 2'],
  ['upsampling an odd image, channels that fill no vector', '2 5 7 33 3 40 1 2'],
  ['upsampling to a single channel', '2 9 30 7 3 1 1 2'],
  ['an image with more pixels than are worked on at a time', '1 40 48 5 3 64 1 2'],
  ['upsampling a single pixel', '2 1 1 3 3 20 1 2'],
  ['three outputs', '2 8 8 20 3 3 1 1'],
  ['five outputs of a wide image', '1 3 70 10 3 5 1 1'],
  ['many outputs, stride 1', '2 6 6 8 3 24 1 1'],
  ['a discriminator’s layer', '4 8 8 16 3 32 2 1'],
  ['stride 2 on odd sizes', '2 5 7 10 3 19 2 1'],
  ['channels that fill no vector, stride 2', '5 4 4 37 3 50 2 1'],
  ['more pixels than a gradient adds up at a time', '3 24 24 4 3 8 2 1'],
  ['a 5×5 kernel, stride 3', '2 9 6 3 5 32 3 1'],
  ['a 4×4 kernel, stride 2', '2 8 8 3 4 16 2 1'],
  ['colours, stride 1, more pixels than a gradient adds up at a time', '9 17 19 3 3 20 1 1'],
  ['tiles of 4×4 outputs', '3 14 15 20 3 40 1 1'],
  ['more tiles than are worked on at a time, few channels', '5 32 28 5 3 17 1 1'],
  ['tiles of a 4×4 kernel, stride 2', '3 17 15 20 4 40 2 1'],
  ['tiles of a 5×5 kernel, stride 2', '2 23 24 18 5 33 2 1'],
  ['tiles of a 2×2 kernel', '2 12 13 16 2 16 1 1'],
  ['a 1×1 kernel, stride 2', '2 3 3 2 1 2 2 1'],
  ['a single pixel', '1 1 1 3 3 4 2 1'],
];

/** The convolution in small steps that nobody doubts. */
function plainly(x: Tf.Tensor, kernel: Tf.Tensor, { stride, upsample }: ConvSizes): Tf.Tensor {
  const [batch, height, width, inputs] = x.shape as [number, number, number, number];
  const twice = (tensor: Tf.Tensor, axis: number) => tf.concat([tensor, tensor], axis);
  const larger = () => {
    const taller = twice(x.reshape([batch, height, 1, width * inputs]), 2);
    const wider = twice(taller.reshape([batch, 2 * height, width, inputs]), 3);
    return wider.reshape([batch, 2 * height, 2 * width, inputs]);
  };
  return tf.conv2d((upsample === 1 ? x : larger()) as Tf.Tensor4D, kernel as Tf.Tensor4D, stride, 'same');
}

describe('the convolution and its gradients are TensorFlow’s', () => {
  test.each(CASES)('%s', (_, text) => {
    tf.tidy(() => {
      const given = sizes(text);
      const { x, kernel, dy } = tensors(tf, given);
      const plain = (a: Tf.Tensor, b: Tf.Tensor) => plainly(a, b, given);
      const expected = [plain(x, kernel), ...tf.grads(plain)([x, kernel], dy)];
      convolve(tensorflow, given).forEach((found, index) => {
        const wanted = expected[index] as Tf.Tensor;
        expect(found.shape).toEqual(wanted.shape);
        const scale = Math.max(1, wanted.abs().max().dataSync()[0] as number);
        const worst = found.sub(wanted).abs().max().dataSync()[0];
        expect(worst).toBeLessThanOrEqual(1e-5 * scale);
      });
    });
  });
});

describe.each([1, 0.2, 0])(
  'with a bias and a leaky ReLU of slope %d, they are those of operations',
  slope => {
    test.each(CASES)('%s', (_, text) => {
      tf.tidy(() => {
        const given = sizes(text);
        const { x, kernel, bias, dy } = finishing(tf, given);
        const plain = (images: Tf.Tensor, taps: Tf.Tensor, vector: Tf.Tensor) => {
          const sums = plainly(images, taps, given).add<Tf.Tensor>(vector);
          return tf.maximum(sums, sums.mul(slope));
        };
        const expected = [plain(x, kernel, bias), ...tf.grads(plain)([x, kernel, bias], dy)];
        convolveAndFinish(tensorflow, given, slope).forEach((found, index) => {
          const wanted = expected[index] as Tf.Tensor;
          expect(found.shape).toEqual(wanted.shape);
          // A bias's gradient is a sum of thousands of numbers that cancel.
          const scale = Math.max(1, wanted.abs().max().dataSync()[0] as number);
          expect(found.sub(wanted).abs().max().dataSync()[0]).toBeLessThanOrEqual(3e-5 * scale);
        });
      });
    });
  },
);

test.runIf(kind === 'native-cpu')('tensors that do not fit together are refused by the kernels', () => {
  tf.tidy(() => {
    const x = tf.zeros([1, 4, 4, 2]);
    expect(() => ops.upsampledConv2d(x, tf.zeros([3, 3, 5, 2]))).toThrow(/do not fit together/);
    expect(() => ops.upsampledConv2d(x, tf.zeros([5, 5, 2, 2]))).toThrow(/before a 3x3 kernel/);
    expect(() => ops.conv2d(x, tf.zeros([0, 0, 2, 2]), 1)).toThrow(/size must be at least 1/);
    expect(() => ops.conv2d(tf.zeros([4, 4, 2]), tf.zeros([3, 3, 2, 2]), 2)).toThrow(/four dimensions/);
    const finish = { bias: tf.zeros([3]), slope: 0 };
    expect(() => ops.conv2d(x, tf.zeros([3, 3, 2, 2]), 1, finish)).toThrow(/a bias for each output/);
  });
});
