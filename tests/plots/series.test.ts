import { expect, test } from 'vitest';
import { Series } from '../../src/plots/series.ts';

function seriesOf(values: readonly number[], limit: number): Series {
  const series = new Series(limit);
  for (const [at, value] of values.entries()) series.add(at, value);
  return series;
}

test('points stay as they are while there are few', () => {
  const columns = seriesOf([3, 1, 2], 4).columns();
  expect(columns.map(({ step, mean, low, high, count }) => [step, mean, low, high, count])).toEqual([
    [0, 3, 3, 3, 1],
    [1, 1, 1, 1, 1],
    [2, 2, 2, 2, 1],
  ]);
});

test('too many become columns with their mean, lowest and highest value', () => {
  const columns = seriesOf([3, 1, 2, 4, 10, 20, NaN, 60], 2).columns();
  expect(
    columns.map(({ step, mean, low, high, count, broken }) => [step, mean, low, high, count, broken]),
  ).toEqual([
    [1.5, 2.5, 1, 4, 4, 0],
    [5.5, 30, 10, 60, 3, 1],
  ]);
});

test('the number of columns has a limit, whatever the steps are', () => {
  const series = new Series(16);
  for (let power = 0; power < 53; power++) series.add(2 ** power, power);
  for (let step = 1000; step > 0; step--) series.add(step, step);
  expect(series.columns().length).toBeLessThanOrEqual(16);
  expect(series.columns().reduce((sum, { count }) => sum + count, 0)).toBe(1053);
});

test('intervals of a column are in one that holds them all', () => {
  const series = new Series(1);
  series.add(1, 5, [4, 6]);
  series.add(2, 5, [3, 5]);
  series.add(3, 5);
  series.add(4, 5, [NaN, 9]);
  expect(series.columns()[0]?.interval).toEqual([3, 6]);
});
