import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { apportion } from '../../src/data/apportion.ts';
import { seedWords, testSeed } from '../rig/seed.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

describe('apportion', () => {
  it('gives each row its share of each column', () => {
    expect(apportion([50, 30, 20], [80, 10, 10])).toEqual([
      [40, 5, 5],
      [24, 3, 3],
      [16, 2, 2],
    ]);
  });

  it('rounds up the largest remainders', () => {
    // Of 4 of 10: 2.8, 0.8 and 0.4.
    expect(apportion([7, 2, 1], [6, 4])).toEqual([
      [4, 3],
      [1, 1],
      [1, 0],
    ]);
  });

  it('gives rows of one to as many columns as there is room for', () => {
    const cells = apportion([1, 1, 1, 1], [2, 1, 1]);
    expect(cells.map(sum)).toEqual([1, 1, 1, 1]);
  });

  it('leaves a row without anything empty', () => {
    expect(apportion([4, 0], [3, 1])).toEqual([
      [3, 1],
      [0, 0],
    ]);
  });

  it(`keeps all sums, and each cell less than 1 from its share, in any case (${seedWords})`, () => {
    const random = new Random(testSeed);
    for (let round = 0; round < 300; round++) {
      const rows = Array.from({ length: random.integer(1, 12) }, () =>
        random.integer(0, random.pick([2, 9, 1000])),
      );
      const total = sum(rows);
      const first = random.integer(0, total);
      const second = random.integer(0, total - first);
      const columns = [first, second, total - first - second];
      const cells = apportion(rows, columns);
      expect(cells.map(sum)).toEqual(rows);
      expect(columns.map((_, column) => sum(cells.map(row => row[column] as number)))).toEqual(columns);
      cells.forEach((row, index) => {
        row.forEach((count, column) => {
          const share = ((rows[index] as number) * (columns[column] as number)) / Math.max(1, total);
          expect(Math.abs(count - share)).toBeLessThan(1);
        });
      });
    }
  });
});
