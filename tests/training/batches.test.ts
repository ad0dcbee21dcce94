import { describe, expect, test } from 'vitest';
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

test('the order is the one that earlier versions drew from the same seed', () => {
  expect([...new Batches(plan).indices(1), ...new Batches(plan).indices(4)]).toEqual([
    3, 6, 7, 4, 8, 0, 2, 5,
  ]);
});

describe('balanced batches', () => {
  // 2, 12 and 6 examples of three classes.
  const labels = Uint8Array.from('11021112101212112121', Number);
  const balanced = { count: 20, batchSize: 7, shuffle: true, seed: 5, balancedBy: labels };
  const all = (batches: Batches, epochs: number) =>
    Array.from({ length: epochs * batches.perEpoch }, (_, index) => [...batches.indices(index + 1)]);
  const times = (indices: readonly number[], label: number) =>
    indices.filter(index => labels[index] === label).length;

  test('have every class equally often, or once more than another, and so has each part of one', () => {
    for (const batch of all(new Batches(balanced), 5))
      for (const part of [batch, batch.slice(0, 3), batch.slice(3), batch.slice(2, 6)]) {
        const counts = [0, 1, 2].map(label => times(part, label));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
  });

  test('use every example of a class before one comes again, those of the rarest in every epoch', () => {
    const batches = new Batches(balanced);
    expect(batches.perEpoch).toBe(3);
    expect(all(batches, 1).map(batch => batch.length)).toEqual([7, 7, 6]);
    const taken = all(batches, 12).flat();
    for (const [label, count] of [2, 12, 6].entries()) {
      const own = taken.filter(index => labels[index] === label);
      for (let first = 0; first + count <= own.length; first += count)
        expect(new Set(own.slice(first, first + count)).size).toBe(count);
    }
    for (let epoch = 0; epoch < 12; epoch++) {
      const rare = taken.slice(20 * epoch, 20 * (epoch + 1)).filter(index => labels[index] === 0);
      expect(new Set(rare).size).toBe(2);
    }
  });

  test('follow from the seed and the iteration alone, in other orders each time, or in file order', () => {
    const whole = all(new Batches(balanced), 4);
    expect([...new Batches(balanced).indices(11)]).toEqual(whole[10]);
    expect(all(new Batches({ ...balanced, seed: 6 }), 4)).not.toEqual(whole);
    const inOrder = all(new Batches({ ...balanced, shuffle: false }), 2).flat();
    expect(inOrder.slice(0, 6)).toEqual([2, 0, 3, 9, 1, 7]);
  });

  test('of classes of one size use every example once per epoch', () => {
    const even = Uint8Array.from({ length: 12 }, (_, index) => index % 3);
    const batches = new Batches({ ...balanced, count: 12, batchSize: 5, balancedBy: even });
    for (let epoch = 0; epoch < 3; epoch++)
      expect(
        new Set(
          all(batches, 3)
            .slice(3 * epoch, 3 * (epoch + 1))
            .flat(),
        ).size,
      ).toBe(12);
  });
});
