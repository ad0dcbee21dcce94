import { expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import {
  finalCheckpoints,
  isRegular,
  keptCheckpoints,
  regularCount,
  type Retention,
} from '../../src/training/retention.ts';
import { seedWords, testSeed } from '../rig/seed.ts';

const retention = { every: 100, iterations: 31_000, keep: 2, keepEvery: 5000 };

test('the newest checkpoints stay, and one every so many iterations', () => {
  expect(finalCheckpoints(retention)).toEqual([5000, 10_000, 15_000, 20_000, 25_000, 30_000, 30_900, 31_000]);
  expect(finalCheckpoints({ ...retention, keepEvery: 0, keep: 1 })).toEqual([31_000]);
});

test('without a checkpoint at a multiple, the first one after it stays', () => {
  const odd = { every: 3, iterations: 20, keep: 1, keepEvery: 5 };
  expect(finalCheckpoints(odd)).toEqual([6, 12, 15, 20]);
  expect(finalCheckpoints({ ...odd, keepEvery: 1 })).toEqual([3, 6, 9, 12, 15, 18, 20]);
});

test('one that a signal caused stays until the next is there, and takes no other one’s place', () => {
  const before = [4900, 5000, 5100, 5150];
  expect(keptCheckpoints(before, retention)).toEqual([5000, 5100, 5150]);
  expect(keptCheckpoints([5000, 5100, 5150, 5200], retention)).toEqual([5000, 5100, 5200]);
});

test('the last one of shorter training is not what longer training keeps', () => {
  expect(keptCheckpoints([200, 300, 350, 400], retention)).toEqual([300, 400]);
});

test('what is left in the end is what is left when each is kept in turn, for all settings', () => {
  for (const every of [1, 2, 3, 7])
    for (const iterations of [1, 6, 7, 20, 21])
      for (const keep of [1, 2, 5, 40])
        for (const keepEvery of [0, 1, 2, 5, 6, 30]) {
          const settings = { every, iterations, keep, keepEvery };
          let kept: readonly number[] = [];
          for (let iteration = 1; iteration <= iterations; iteration++)
            if (iteration % every === 0 || iteration === iterations)
              kept = keptCheckpoints([...kept, iteration], settings);
          expect(finalCheckpoints(settings), JSON.stringify(settings)).toEqual(kept);
          expect(finalCheckpoints(settings, 10)).toEqual(kept.filter(iteration => iteration <= 10));
        }
});

test('a billion iterations need no list of them', () => {
  const long = { every: 1, iterations: 1_000_000_000, keep: 2, keepEvery: 5000 };
  expect(finalCheckpoints(long, 11_000)).toEqual([5000, 10_000]);
});

/** The same by walking through all iterations, with no formula. */
function bruteForce(settings: Retention, upTo: number): readonly number[] {
  const { every, validated, iterations, keep, keepEvery } = settings;
  const regular = Array.from({ length: iterations }, (_, at) => at + 1).filter(
    iteration =>
      iteration === iterations ||
      iteration % every === 0 ||
      (validated !== undefined && iteration % validated === 0),
  );
  const forGood = new Set<number>();
  for (let multiple = keepEvery; keepEvery > 0 && multiple <= iterations; multiple += keepEvery)
    forGood.add(regular.find(iteration => iteration >= multiple) as number);
  return regular
    .filter((iteration, at) => at >= regular.length - keep || forGood.has(iteration))
    .filter(iteration => iteration <= upTo);
}

test(`with validations beside them what stays is that of a walk through all iterations (${seedWords})`, () => {
  const random = new Random(testSeed);
  for (let round = 0; round < 3000; round++) {
    const settings = {
      every: random.integer(1, 12),
      validated: random.integer(0, 3) === 0 ? undefined : random.integer(1, 12),
      iterations: random.integer(1, 60),
      keep: random.integer(1, 5),
      keepEvery: random.integer(0, 20),
    };
    const upTo = random.integer(1, settings.iterations);
    const words = JSON.stringify({ ...settings, upTo });
    expect(finalCheckpoints(settings, upTo), words).toEqual(bruteForce(settings, upTo));
    const all = { ...settings, keep: Infinity };
    expect(regularCount(upTo, settings), words).toBe(bruteForce(all, upTo).length);
    // Each is written in turn, some with a stop before it; what a validation may come back to stays as long as it may.
    let kept: readonly number[] = [];
    let needed: readonly number[] = [];
    for (let iteration = 1; iteration <= settings.iterations; iteration++) {
      const isStop = random.integer(0, 4) === 0;
      if (!isRegular(iteration, settings) && !isStop) continue;
      if (isRegular(iteration, settings) && random.integer(0, 3) === 0) needed = [iteration];
      kept = keptCheckpoints([...kept, iteration], settings, needed);
      expect(kept, words).toEqual(expect.arrayContaining([...needed, iteration]));
    }
    const final = new Set([...bruteForce(settings, settings.iterations), ...needed]);
    expect(kept, words).toEqual([...final].sort((a, b) => a - b));
  }
});
