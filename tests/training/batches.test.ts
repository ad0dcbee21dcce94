import { expect, test } from 'vitest';
import { Batches, epochOf } from '../../src/training/batches.ts';

const plan = { count: 10, batchSize: 4, shuffle: true, seed: 5 };
const epoch = (batches: Batches, number: number) =>
  [1, 2, 3].map(iteration => [...batches.indices((number - 1) * 3 + iteration)]);

test('every image is used once per epoch, the last batch holding what is left', () => {
  const batches = new Batches(plan);
  expect(batches.perEpoch).toBe(3);
  expect([1, 2, 3, 4, 6].map(iteration => batches.size(iteration))).toEqual([4, 4, 2, 4, 2]);
  for (const number of [1, 2]) {
    const taken = epoch(batches, number);
    expect(taken.map(indices => indices.length)).toEqual([4, 4, 2]);
    expect(taken.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
});

test('each epoch has an order of its own, which follows from the seed alone', () => {
  const batches = new Batches(plan);
  const [first, second] = [epoch(batches, 1), epoch(batches, 2)];
  expect(first).not.toEqual(second);
  expect(epoch(new Batches(plan), 2)).toEqual(second);
  expect(epoch(new Batches({ ...plan, seed: 6 }), 2)).not.toEqual(second);
});

test('without shuffling the images come in file order', () => {
  expect(epoch(new Batches({ ...plan, shuffle: false }), 2).flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('iterations and epochs are counted from 1', () => {
  expect([1, 3, 4, 6, 7].map(iteration => epochOf(iteration, 3))).toEqual([1, 1, 2, 2, 3]);
});
