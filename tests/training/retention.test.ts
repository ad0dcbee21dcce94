import { expect, test } from 'vitest';
import { finalCheckpoints, keptCheckpoints } from '../../src/training/retention.ts';

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
