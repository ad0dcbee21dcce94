import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../src/core/failure.ts';
import { classFid } from '../../../src/scores/measures/class-fid.ts';
import { fidInfinity, intercept, sizesOf } from '../../../src/scores/measures/fid-infinity.ts';
import { fid } from '../../../src/scores/measures/fid.ts';
import { fixtureFeatures, madeFeatures, measures, relativeError } from '../../rig/measures.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';

const context = { tensorflow: await testTensorFlow(), seed: 1 };
const reference = fixtureFeatures('reference');

describe('FID', () => {
  it.each(measures.pairs)(
    'of $generated pictures from $reference ones is right to 1e-6, with less than full rank as well',
    async pair => {
      const sets = [fixtureFeatures(pair.reference), fixtureFeatures(pair.generated)] as const;
      const { value, interval } = await fid(context, ...sets, 2);
      // Eigenvalues of the decaying ones go below rounding; those that are 0 are to count for nothing.
      expect(relativeError(value, pair.fid)).toBeLessThan(pair.generated === 'decayed' ? 1e-6 : 1e-10);
      if (pair.pytorchFid !== undefined) expect(relativeError(value, pair.pytorchFid)).toBeLessThan(1e-6);
      expect(interval.every(Number.isFinite)).toBe(true);
    },
  );

  it('is the same on the JavaScript backend', async () => {
    const plain = { ...context, tensorflow: await testTensorFlow('javascript') };
    const wanted = measures.pairs.find(({ generated }) => generated === 'few')?.fid as number;
    const { value } = await fid(plain, reference, fixtureFeatures('few'), 0);
    expect(relativeError(value, wanted)).toBeLessThan(1e-6);
  });

  it('orders a better generator before a worse one before noise', async () => {
    const noise = madeFeatures('noise', { seed: 40, count: 200, scale: 4, shift: 2 });
    const [floor, better, worse, far] = await Promise.all(
      [fixtureFeatures('other'), fixtureFeatures('better'), fixtureFeatures('worse'), noise].map(async set =>
        fid(context, reference, set, 0),
      ),
    );
    expect(better?.value).toBeGreaterThan(floor?.value as number);
    expect(worse?.value).toBeGreaterThan(better?.value as number);
    expect(far?.value).toBeGreaterThan(worse?.value as number);
  });

  it('of features far from 0 loses no digits', async () => {
    const far = (name: string) => {
      const set = fixtureFeatures(name);
      // Steps of 2⁻¹⁰ are there after a shift of 4096 as well.
      return { ...set, values: set.values.map(value => Math.round(value * 1024) / 1024) };
    };
    const shifted = (name: string) => ({ ...far(name), values: far(name).values.map(value => value + 4096) });
    const near = await fid(context, far('reference'), far('worse'), 0);
    const { value } = await fid(context, shifted('reference'), shifted('worse'), 0);
    expect(relativeError(value, near.value)).toBeLessThan(1e-9);
  });

  it('of a set from itself is 0', async () => {
    const { value } = await fid(context, reference, reference, 0);
    expect(value).toBeLessThan(1e-9);
  });

  it('has an interval that about 95 in 100 of further samples agree with', async () => {
    const values = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        fid(
          context,
          madeFeatures('reference pictures', { seed: 100 + index, count: 400, scale: 1, shift: 0 }, 8),
          madeFeatures('generated pictures', { seed: 200 + index, count: 400, scale: 0.75, shift: 0.25 }, 8),
        ),
      ),
    );
    const centre = values.reduce((sum, { value }) => sum + value, 0) / values.length;
    const around = values.filter(({ interval: [low, high] }) => low < centre && centre < high);
    expect(around.length).toBeGreaterThanOrEqual(17);
  });

  it('is the same for the same seed, and its interval another one for another seed', async () => {
    const better = fixtureFeatures('better');
    const first = await fid(context, reference, better, 4);
    expect(await fid(context, reference, better, 4)).toEqual(first);
    const other = await fid({ ...context, seed: 2 }, reference, better, 4);
    expect(other.value).toBe(first.value);
    expect(other.interval).not.toEqual(first.interval);
  });

  it('stops where its signal says so', async () => {
    const signal = AbortSignal.abort();
    await expect(fid({ ...context, signal }, reference, reference)).rejects.toBeInstanceOf(Interrupted);
  });

  it('takes two pictures of each set', async () => {
    const one = madeFeatures('generated pictures', { seed: 1, count: 1, scale: 1, shift: 0 });
    await expect(fid(context, reference, one)).rejects.toThrow(
      'FID takes at least 2 generated pictures, and there is 1.',
    );
  });
});

describe('FID∞', () => {
  const width = 8;
  const [real, same] = [1, 2].map(seed =>
    madeFeatures('pictures', { seed, count: 3000, scale: 1, shift: 0 }, width),
  ) as [ReturnType<typeof madeFeatures>, ReturnType<typeof madeFeatures>];

  it('is below FID by most of its bias', async () => {
    const few = { ...same, count: 300, values: same.values.subarray(0, 300 * width) };
    const plain = await fid(context, real, few, 0);
    const { value, interval } = await fidInfinity(context, real, few);
    expect(Math.abs(value)).toBeLessThan(plain.value / 2);
    expect(interval[0]).toBeLessThan(value);
    expect(interval[1]).toBeGreaterThan(value);
  });

  it('is of 15 sizes, evenly spaced, from a tenth of the pictures and enough for the features', () => {
    expect(sizesOf(50_000, 128)).toEqual([
      5000, 8214, 11428, 14642, 17857, 21071, 24285, 27500, 30714, 33928, 37142, 40357, 43571, 46785, 50000,
    ]);
    expect(sizesOf(10_000, 2048)[0]).toBe(5000);
    expect(sizesOf(10_000, 512)[0]).toBe(2048);
    expect(sizesOf(10_000, 8)[0]).toBe(1000);
  });

  it('is where the line through them ends', () => {
    expect(intercept([1, 2, 4], [5, 7, 11])).toBeCloseTo(3, 12);
  });
});

describe('class-wise FID', () => {
  const classes = ['cat', 'dog'];
  const labels = Uint8Array.from({ length: 200 }, (_, row) => row % 2);
  const cats = madeFeatures('pictures', { seed: 1, count: 200, scale: 1, shift: 0 }, 4);
  const values = cats.values.map((value, at) => value + 3 * (Math.floor(at / 4) % 2));
  const real = { ...cats, name: 'reference pictures', values, labels };

  it('finds a generator that ignores its label, which FID cannot', async () => {
    const generated = { ...real, name: 'generated pictures', labels: labels.map(label => 1 - label) };
    expect((await fid(context, real, generated, 0)).value).toBeLessThan(1e-9);
    const { classes: scores, mean } = await classFid(context, real, generated, classes);
    expect(scores.map(({ value }) => value > 30)).toEqual([true, true]);
    expect(mean.value).toBeCloseTo(((scores[0]?.value ?? 0) + (scores[1]?.value ?? 0)) / 2, 10);
    expect(mean.interval[0]).toBeLessThan(mean.value);
  });

  it('takes two pictures of each class', async () => {
    const generated = { ...real, name: 'generated pictures', labels: labels.map(() => 0) };
    await expect(classFid(context, real, generated, classes)).rejects.toThrow(
      'FID of each class takes at least 2 generated pictures of the class dog, and there are 0.',
    );
  });
});
