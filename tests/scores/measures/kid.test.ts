import { describe, expect, it } from 'vitest';
import { kid, squaredMmd } from '../../../src/scores/measures/kid.ts';
import type { Score } from '../../../src/scores/score.ts';
import { fixtureFeatures, madeFeatures, measures, relativeError } from '../../rig/measures.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';

const context = { tensorflow: await testTensorFlow(), seed: 1 };
const reference = fixtureFeatures('reference');

describe('KID', () => {
  it.each(measures.pairs)(
    'estimates MMD² of $generated pictures from $reference ones, right to 1e-6',
    async pair => {
      const value = await squaredMmd(
        context,
        { features: fixtureFeatures(pair.reference) },
        { features: fixtureFeatures(pair.generated) },
      );
      expect(relativeError(value, pair.mmd)).toBeLessThan(1e-6);
    },
  );

  it('is about what all pictures give, by subsets', async () => {
    const wanted = measures.pairs.find(({ generated }) => generated === 'worse')?.mmd as number;
    const score = await kid(context, reference, fixtureFeatures('worse'), { subsets: 50, subsetSize: 50 });
    expect(score.interval[0]).toBeLessThan(wanted);
    expect(score.interval[1]).toBeGreaterThan(wanted);
    expect(relativeError(score.value, wanted)).toBeLessThan(0.1);
  });

  it('of two halves of one set is 0 within its interval, below zero as often as above', async () => {
    const scores = await Promise.all(
      Array.from({ length: 12 }, (_, index) => {
        const [one, other] = [1, 2].map(half =>
          madeFeatures('pictures', { seed: 10 * index + half, count: 150, scale: 1, shift: 0 }, 8),
        ) as [typeof reference, typeof reference];
        return kid(context, one, other, { subsets: 10 });
      }),
    );
    const around = scores.filter(({ interval: [low, high] }) => low < 0 && 0 < high);
    expect(around.length).toBeGreaterThanOrEqual(11);
    const negative = scores.filter(({ value }) => value < 0);
    expect(negative.length).toBeGreaterThan(1);
    expect(negative.length).toBeLessThan(11);
  });

  it('orders a better generator before a worse one before noise', async () => {
    const noise = madeFeatures('noise', { seed: 40, count: 200, scale: 4, shift: 2 });
    const sets = [fixtureFeatures('other'), fixtureFeatures('better'), fixtureFeatures('worse'), noise];
    const scores = await Promise.all(sets.map(set => kid(context, reference, set, { subsets: 10 })));
    const [floor, better, worse, far] = scores as [Score, Score, Score, Score];
    expect(better.value).toBeGreaterThan(floor.interval[1]);
    expect(worse.interval[0]).toBeGreaterThan(better.interval[1]);
    expect(far.interval[0]).toBeGreaterThan(worse.interval[1]);
  });

  it('follows from the seed', async () => {
    const sets = [reference, fixtureFeatures('better')] as const;
    const score = await kid(context, ...sets, { subsets: 3 });
    expect(await kid(context, ...sets, { subsets: 3 })).toEqual(score);
    expect(await kid({ ...context, seed: 2 }, ...sets, { subsets: 3 })).not.toEqual(score);
  });

  it('takes four pictures', async () => {
    const few = madeFeatures('generated pictures', { seed: 1, count: 3, scale: 1, shift: 0 });
    await expect(kid(context, reference, few)).rejects.toThrow(
      'KID takes at least 4 generated pictures, and there are 3.',
    );
  });
});
