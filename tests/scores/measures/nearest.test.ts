import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../src/core/failure.ts';
import { ownDistances, suspectedCopies } from '../../../src/scores/measures/authenticity.ts';
import { nearest, nearestOthers } from '../../../src/scores/measures/nearest.ts';
import { fixtureFeatures, madeFeatures, measures } from '../../rig/measures.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';

const context = { tensorflow: await testTensorFlow(), seed: 1 };
const points = (values: readonly number[], name = 'training pictures') => ({
  name,
  values: Float32Array.from(values),
  count: values.length,
  width: 1,
});

describe('the nearest training pictures', () => {
  it.each(measures.pairs.filter(({ copies }) => copies !== undefined))(
    'of $generated pictures among $reference ones, and suspected copies, are those of scipy',
    async pair => {
      const training = fixtureFeatures(pair.reference);
      const found = await nearest(context, fixtureFeatures(pair.generated), training, 1);
      expect([...found.indices]).toEqual(pair.copies?.indices);
      found.distances.forEach((distance, at) =>
        expect(distance).toBeCloseTo(pair.copies?.distances[at] as number, 6),
      );
      const { share, suspects } = suspectedCopies(found, await ownDistances(context, training));
      expect([...suspects]).toEqual(pair.copies?.suspects);
      expect(share.value).toBe(suspects.length / found.indices.length);
    },
  );

  it('are ordered, over more pictures than are compared at once', async () => {
    const count = 9000;
    const training = points(Array.from({ length: count }, (_, at) => (at * 7919) % count));
    const found = await nearest(context, points([100.25, 8000.75]), training, 3);
    const values = Array.from(found.indices, index => training.values[index]);
    expect(values).toEqual([100, 101, 99, 8001, 8000, 8002]);
    expect([...found.distances]).toEqual([0.25, 0.75, 1.25, 0.25, 0.75, 1.25]);
    await expect(
      nearest({ ...context, signal: AbortSignal.abort() }, points([1]), training, 1),
    ).rejects.toBeInstanceOf(Interrupted);
  });

  it('of training pictures themselves are others, at a distance of exactly 0 for equal ones', async () => {
    const found = await nearestOthers(context, points([5, 1, 5, 5, 2.5]), 2);
    expect([...found.distances]).toEqual([0, 0, 1.5, 4, 0, 0, 0, 0, 1.5, 2.5]);
    found.indices.forEach((index, at) => expect(index).not.toBe(Math.floor(at / 2)));
  });

  it('shows copies, those of a training picture that is there twice as well', async () => {
    const training = points([0, 1, 3, 3, 7]);
    const generated = points([0.1, 3, 3.01, 9, 5], 'generated pictures');
    const { suspects } = suspectedCopies(
      await nearest(context, generated, training, 1),
      await ownDistances(context, training),
    );
    expect([...suspects]).toEqual([0, 1, 3]);
  });

  it('of fewer pictures than are asked for cannot be found', async () => {
    await expect(nearest(context, points([1]), points([1, 2]), 3)).rejects.toThrow(
      'The search of 3 nearest pictures takes at least 3 training pictures, and there are 2.',
    );
    await expect(nearestOthers(context, points([1]), 1)).rejects.toThrow(
      'The search of 1 nearest others takes at least 2 training pictures, and there is 1.',
    );
  });
});

describe('held-out pictures of the same distribution', () => {
  it('have about half of them under suspicion', async () => {
    const training = madeFeatures('training pictures', { seed: 50, count: 1000, scale: 1, shift: 0 }, 8);
    const heldOut = madeFeatures('pictures', { seed: 51, count: 500, scale: 1, shift: 0 }, 8);
    const { share } = suspectedCopies(
      await nearest(context, heldOut, training, 1),
      await ownDistances(context, training),
    );
    expect(share.value).toBeGreaterThan(0.4);
    expect(share.value).toBeLessThan(0.65);
  });
});
