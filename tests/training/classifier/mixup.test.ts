import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { drawMixingShare, mixed } from '../../../src/training/classifier/mixup.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { readFixture } from './fixtures.ts';

interface Fixture {
  readonly distributions: readonly {
    readonly alpha: number;
    readonly variance: number;
    readonly quantiles: readonly { readonly share: number; readonly value: number }[];
  }[];
  readonly batch: {
    readonly x: number[][][][];
    readonly targets: number[][];
    readonly lambda: number;
    readonly mixed: { readonly x: number[][][][]; readonly targets: number[][] };
  };
}

/** Made by bench/reference/make_mixup.py with SciPy. */
const { distributions, batch } = readFixture('classifier/mixup') as Fixture;

const DRAWS = 40_000;

describe.each(distributions)('shares drawn with alpha $alpha', ({ alpha, variance, quantiles }) => {
  const random = new Random(11);
  const drawn = Float64Array.from({ length: DRAWS }, () => drawMixingShare(random, alpha));

  test('are in [0, 1] and have the mean and the variance of the beta distribution', () => {
    expect(drawn.every(share => share >= 0 && share <= 1)).toBe(true);
    const mean = drawn.reduce((sum, share) => sum + share, 0) / DRAWS;
    const spread = drawn.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / DRAWS;
    // Four standard deviations of the mean; the variance of squares of numbers in [-0.5, 0.5] is at most 1/64.
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(variance / DRAWS));
    expect(Math.abs(spread - variance)).toBeLessThan(4 * Math.sqrt(1 / 64 / DRAWS));
  });

  test.each(quantiles)('fall below $value as often as they should', ({ share, value }) => {
    const below = drawn.filter(each => each < value).length / DRAWS;
    expect(Math.abs(below - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / DRAWS));
  });
});

test('a share of a tiny or a huge alpha is a number', () => {
  const random = new Random(1);
  for (const alpha of [1e-6, 1e-3, 1e6])
    for (let draw = 0; draw < 1000; draw++) {
      const share = drawMixingShare(random, alpha);
      expect(share >= 0 && share <= 1).toBe(true);
    }
});

test('shares follow from the seed', () => {
  const draw = (seed: number) => drawMixingShare(new Random(seed), 0.2);
  expect(draw(3)).toBe(draw(3));
  expect(draw(3)).not.toBe(draw(4));
});

describe.each([undefined, 'javascript'] as const)('on the backend %s', backend => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  test('examples and targets are mixed with those before them, as NumPy does', () => {
    const { tf } = tensorflow;
    tf.tidy(() => {
      const { x, targets } = mixed(
        tf,
        { x: tf.tensor4d(batch.x), targets: tf.tensor2d(batch.targets) },
        tf.scalar(batch.lambda),
      );
      expect(x.shape).toEqual([5, 2, 3, 1]);
      const close = (found: ArrayLike<number>, expected: readonly number[]) =>
        expected.forEach((value, index) => {
          expect(found[index]).toBeCloseTo(value, 6);
        });
      close(x.dataSync(), batch.mixed.x.flat(3));
      close(targets.dataSync(), batch.mixed.targets.flat());
    });
  });

  test('a compiled step takes the share as an input', async () => {
    const { tf } = tensorflow;
    const step = tensorflow.compile({
      name: 'mixture',
      state: { bias: { shape: [], values: Float32Array.of(0) } },
      run: ({ x, targets, share }) => {
        const made = mixed(tf, { x: x as Tf.Tensor, targets: targets as Tf.Tensor }, share as Tf.Tensor);
        return { outputs: { x: made.x, targets: made.targets }, updates: {} };
      },
    });
    for (const [share, expected] of [
      [1, [1, 2, 3]],
      [0, [3, 1, 2]],
      [0.5, [2, 1.5, 2.5]],
    ] as const) {
      const values = Float32Array.of(1, 2, 3);
      const outputs = await step.run({
        x: { shape: [3, 1], values },
        targets: { shape: [3, 1], values },
        share: { shape: [], values: Float32Array.of(share) },
      });
      expect([...(outputs['x'] as Float32Array)]).toEqual(expected);
      expect(outputs['targets']).toEqual(outputs['x']);
    }
    await step.dispose();
  });

  test('a batch of one, and one with a share of 1, stay as they are', () => {
    const { tf } = tensorflow;
    tf.tidy(() => {
      const one = { x: tf.tensor2d([[3, 4]]), targets: tf.tensor2d([[0, 1]]) };
      expect(mixed(tf, one, tf.scalar(0.5)).x.arraySync()).toEqual([[3, 4]]);
      const two = { x: tf.tensor2d([[3], [4]]), targets: tf.tensor2d([[0], [1]]) };
      expect(mixed(tf, two, tf.scalar(1)).x.arraySync()).toEqual([[3], [4]]);
    });
  });
});
