import type * as Tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { FusedOps } from '../../../src/core/tensorflow.ts';
import { composedBatchNorm, fusedBatchNorm } from '../../../src/tensorflow/batch-norm.ts';
import type { NativeBackend } from '../../../src/tensorflow/binding.ts';
import { plainOps } from '../../../src/tensorflow/plain-ops.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { normalize } from './batch-norm.ts';

// On TensorFlow as it is set up on this machine.
const tensorflow = await testTensorFlow();
const { tf, ops, kind } = tensorflow;
const plain = plainOps(tf);
/** Where there are no kernels of ours. */
const fused: Pick<FusedOps, 'batchNorm'> = {
  batchNorm: (x, gamma, beta, epsilon, slope) =>
    composedBatchNorm(
      tf,
      ops,
      (...inputs) => fusedBatchNorm(tf, tf.backend() as unknown as NativeBackend, inputs, epsilon),
      [x, gamma, beta],
      slope,
    ),
};

const CASES: readonly (readonly [string, readonly number[]])[] = [
  ['images of a generator', [4, 16, 16, 64]],
  ['more pixels than are added up at a time, channels that fill no vector', [3, 25, 31, 37]],
  ['vectors', [20, 10]],
  ['one channel', [2, 5, 5, 1]],
  ['many channels', [2, 1, 1, 300]],
];

/** Holds found tensors against wanted ones, relative to the largest value. */
function expectClose(found: readonly Tf.Tensor[], wanted: readonly Tf.Tensor[], tolerance: number): void {
  expect(found.map(tensor => tensor.shape)).toEqual(wanted.map(tensor => tensor.shape));
  found.forEach((tensor, index) => {
    const other = wanted[index] as Tf.Tensor;
    const scale = Math.max(1, other.abs().max().dataSync()[0] as number);
    expect(tensor.sub(other).abs().max().dataSync()[0]).toBeLessThanOrEqual(tolerance * scale);
  });
}

describe('batch normalisation and its gradients are those of moments and arithmetic', () => {
  test.each(CASES)('%s', (_, shape) => {
    for (const perImage of [false, true])
      for (const slope of [1, 0.2, 0])
        tf.tidy(() => {
          const wanted = normalize(tensorflow, shape, { ops: plain, perImage, slope });
          expectClose(normalize(tensorflow, shape, { perImage, slope }), wanted, 1e-5);
          if (kind !== 'javascript')
            expectClose(normalize(tensorflow, shape, { ops: fused, perImage, slope }), wanted, 1e-5);
        });
  });
});

test('values far from zero keep their deviations', () => {
  tf.tidy(() => {
    const [y, , variance] = normalize(tensorflow, [16, 8, 8, 16], { centre: 1000 }) as Tf.Tensor[];
    const [expected, , around] = normalize(tensorflow, [16, 8, 8, 16]) as Tf.Tensor[];
    expectClose([y as Tf.Tensor, variance as Tf.Tensor], [expected as Tf.Tensor, around as Tf.Tensor], 1e-3);
  });
});

test.runIf(kind === 'native-cpu')('tensors that do not fit together are refused by the kernels', () => {
  tf.tidy(() => {
    const [x, four, three] = [tf.zeros([2, 3, 3, 4]), tf.zeros([4]), tf.zeros([3])];
    expect(() => ops.batchNorm(x, four, three, 1e-3)).toThrow(/a value for each channel/);
    expect(() => ops.batchNorm(tf.zeros([4]), four, four, 1e-3)).toThrow(/two dimensions/);
    const [pair, triple] = [tf.zeros([2, 4]), tf.zeros([3, 4])];
    expect(() => ops.batchNorm(x, pair, triple, 1e-3)).toThrow(/a value for each image/);
    expect(() => ops.batchNorm(x, pair, four, 1e-3)).toThrow(/a value for each channel/);
  });
});
