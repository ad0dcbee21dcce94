import { describe, expect, test } from 'vitest';
import { composedSpectralNorm } from '../../../src/tensorflow/spectral-norm.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { normalizeKernel } from './spectral-norm.ts';

// On TensorFlow as it is set up on this machine.
const tensorflow = await testTensorFlow();
const { tf, ops, kind } = tensorflow;
const composed = { spectralNorm: composedSpectralNorm.bind(undefined, tf) };

describe('a kernel divided by its norm, the next vector and the gradient are those of operations', () => {
  test.each([
    ['a convolution, of several parts', [3, 3, 64, 64]],
    ['outputs that fill no vector', [4, 4, 5, 37]],
    ['more outputs than a part has numbers', [2, 9000]],
    ['one output', [300, 1]],
    ['one number', [1, 1]],
  ])('%s', (_, shape) => {
    tf.tidy(() => {
      const wanted = normalizeKernel(tensorflow, shape, composed);
      normalizeKernel(tensorflow, shape).forEach((found, index) => {
        const other = wanted[index] as typeof found;
        expect(found.shape).toEqual(other.shape);
        const scale = other.abs().max().dataSync()[0] as number;
        expect(found.sub(other).abs().max().dataSync()[0]).toBeLessThanOrEqual(2e-6 * Math.max(scale, 1));
      });
    });
  });
});

test('a kernel of zeros stays one, and its gradient has numbers', () => {
  tf.tidy(() => {
    const [zeros, u] = [tf.zeros([6, 4]), tf.ones([4])];
    const { kernel } = ops.spectralNorm(zeros, u);
    expect([...kernel.dataSync()]).toEqual(Array.from({ length: 24 }, () => 0));
    const gradient = tf.grad((w: typeof zeros) => ops.spectralNorm(w, u).kernel)(zeros);
    expect(gradient.isFinite().all().dataSync()[0]).toBe(1);
  });
});

test.runIf(kind === 'native-cpu')('a vector that does not fit is refused', () => {
  tf.tidy(() => {
    const [kernel, u] = [tf.zeros([3, 4]), tf.zeros([3])];
    expect(() => ops.spectralNorm(kernel, u)).toThrow(/a value for each output/);
  });
});
