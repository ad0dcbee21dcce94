import { describe, expect, it } from 'vitest';
import { manifoldScores } from '../../../src/scores/measures/manifold.ts';
import { fixtureFeatures, madeFeatures, measures, relativeError } from '../../rig/measures.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';

const context = { tensorflow: await testTensorFlow(), seed: 1 };
const reference = fixtureFeatures('reference');
const valuesOf = async (...sets: readonly [typeof reference, typeof reference]) => {
  const { precision, recall, density, coverage } = await manifoldScores(context, ...sets);
  return [precision.value, recall.value, density.value, coverage.value];
};

describe('precision, recall, density and coverage', () => {
  it.each(measures.pairs.filter(({ prdc }) => prdc !== undefined))(
    'of $generated pictures among $reference ones are those of the package prdc',
    async pair => {
      const scores = await manifoldScores(
        context,
        fixtureFeatures(pair.reference),
        fixtureFeatures(pair.generated),
        measures.k,
      );
      for (const [name, wanted] of Object.entries(pair.prdc ?? {})) {
        const { value, interval } = scores[name as keyof typeof scores];
        expect(value === wanted || relativeError(value, wanted) < 1e-12, name).toBe(true);
        expect(interval[0]).toBeLessThanOrEqual(value);
        expect(interval[1]).toBeGreaterThanOrEqual(value);
      }
    },
  );

  it('of a set among itself are 1', async () => {
    const [precision, recall, density, coverage] = await valuesOf(reference, reference);
    expect([precision, recall, coverage]).toEqual([1, 1, 1]);
    expect(density).toBeGreaterThan(0.9);
  });

  it('of a collapsed generator: all of it may be good, and nothing is covered', async () => {
    const one = reference.values.subarray(0, reference.width);
    const values = Float32Array.from({ length: 50 * reference.width }, (_, at) => one[at % one.length] ?? 0);
    const collapsed = { ...reference, name: 'generated pictures', count: 50, values };
    const [precision, recall, , coverage] = await valuesOf(reference, collapsed);
    expect([precision, recall]).toEqual([1, 0]);
    expect(coverage).toBeLessThan(0.2);
  });

  it('of pictures far away are 0, with intervals that allow for chance', async () => {
    const noise = madeFeatures('generated pictures', { seed: 40, count: 100, scale: 0.5, shift: 100 });
    const scores = await manifoldScores(context, reference, noise);
    expect(Object.values(scores).map(({ value }) => value as number)).toEqual([0, 0, 0, 0]);
    expect(scores.precision.interval[0]).toBe(0);
    expect(scores.precision.interval[1]).toBeCloseTo(0.037, 3);
  });

  it('take one picture more than k', async () => {
    const few = madeFeatures('generated pictures', { seed: 1, count: 5, scale: 1, shift: 0 });
    await expect(manifoldScores(context, reference, few)).rejects.toThrow(
      'Precision and recall with k = 5 takes at least 6 generated pictures, and there are 5.',
    );
  });
});
