import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { owenScrambled, sobolBits } from '../../src/search/sobol.ts';
import { suggesters } from '../../src/search/suggest.ts';
import { fixture } from './fixture.ts';
import { choice, points, range } from './spaces.ts';

const scipy = fixture<{
  indices: number[];
  points: number[][];
  discrepancies: Record<string, number[]>;
}>('sobol');

const cube = (dimensions: number) => Array.from({ length: dimensions }, (_, at) => range(`x${at}`, 0, 1));
const coordinates = (dimensions: number, count: number, seed: number): number[][] =>
  points(suggesters.sobol, cube(dimensions), count, seed).map(point => Object.values(point) as number[]);

/** Centred L2 discrepancy (Hickernell 1998), as of scipy's `qmc.discrepancy(…, method="CD")`. */
function discrepancy(rows: readonly number[][]): number {
  const product = (factors: readonly number[]) => factors.reduce((left, right) => left * right, 1);
  const away = (x: number) => Math.abs(x - 0.5);
  const singles = rows.map(row => product(row.map(x => 1 + away(x) / 2 - away(x) ** 2 / 2)));
  const pairs = rows.flatMap(left =>
    rows.map(right =>
      product(left.map((x, at) => 1 + (away(x) + away(right[at] ?? 0) - Math.abs(x - (right[at] ?? 0))) / 2)),
    ),
  );
  const sum = (values: readonly number[]) => values.reduce((left, right) => left + right, 0);
  const dimensions = rows[0]?.length ?? 0;
  return (13 / 12) ** dimensions - (2 / rows.length) * sum(singles) + sum(pairs) / rows.length ** 2;
}

describe("Sobol's sequence", () => {
  it('is that of scipy in 64 dimensions', () => {
    const ours = scipy.indices.map(index =>
      Array.from({ length: 64 }, (_, dimension) => sobolBits(index, dimension) / 4),
    );
    expect(ours).toEqual(scipy.points);
  });

  it('has a point in each of 64 equal parts of each of 128 dimensions', () => {
    for (let dimension = 0; dimension < 128; dimension++) {
      const parts = Array.from({ length: 64 }, (_, index) => sobolBits(index, dimension) >>> 26);
      expect(new Set(parts).size).toBe(64);
    }
  });
});

describe('scrambled points', () => {
  it('are a permutation that keeps common leading bits', () => {
    const random = new Random(5);
    for (let pair = 0; pair < 200; pair++) {
      const bits = random.integer(0, 2 ** 32 - 1);
      const common = random.integer(0, 31);
      const other = (bits ^ (1 << (31 - common))) >>> 0;
      const difference = (owenScrambled(bits, 77) ^ owenScrambled(other, 77)) >>> 0;
      expect(Math.clz32(difference)).toBe(common);
    }
  });

  it('flip each bit for about half of the seeds, whatever the bits above', () => {
    for (const bit of [0, 1, 7, 31]) {
      for (const bits of [0, 0xffffffff, 0x12345678]) {
        const flips = Array.from(
          { length: 1000 },
          (_, seed) => ((owenScrambled(bits, seed) ^ bits) >>> (31 - bit)) & 1,
        );
        const share = flips.reduce<number>((sum, flip) => sum + flip, 0) / 1000;
        expect(Math.abs(share - 0.5)).toBeLessThan(0.06);
      }
    }
  });

  it('have one in each of 2^m equal parts of each dimension', () => {
    const rows = coordinates(8, 64, 3);
    for (const count of [2, 8, 64]) {
      for (let dimension = 0; dimension < 8; dimension++) {
        const parts = rows.slice(0, count).map(row => Math.floor((row[dimension] ?? NaN) * count));
        expect(parts.toSorted((left, right) => left - right)).toEqual([...Array(count).keys()]);
      }
    }
  });

  it('have one in each box of an elementary interval of the first two dimensions', () => {
    const rows = coordinates(2, 64, 9);
    for (const wide of [1, 2, 4, 8, 16, 32, 64]) {
      const boxes = rows.map(([x = 0, y = 0]) => `${Math.floor(x * wide)} ${Math.floor((y * 64) / wide)}`);
      expect(new Set(boxes).size).toBe(64);
    }
  });

  it('differ from seed to seed, and are spread as evenly as those of scipy', () => {
    for (const [dimensions, theirs] of Object.entries(scipy.discrepancies)) {
      const ours = Array.from({ length: 20 }, (_, seed) =>
        discrepancy(coordinates(Number(dimensions), 64, seed)),
      );
      expect(new Set(ours).size).toBe(20);
      const middle = (values: readonly number[]) =>
        values.toSorted((left, right) => left - right)[values.length / 2] ?? NaN;
      expect(middle(ours) / middle(theirs)).toBeGreaterThan(0.85);
      expect(middle(ours) / middle(theirs)).toBeLessThan(1.15);
      const random = new Random(1);
      const independent = Array.from({ length: 64 }, () =>
        Array.from({ length: Number(dimensions) }, () => random.uniform()),
      );
      expect(middle(ours)).toBeLessThan(discrepancy(independent) / 2);
    }
  });

  it('are the same on every machine', () => {
    expect(
      points(suggesters.sobol, [range('rate', 1e-5, 1e-2, { log: true }), choice('size', [16, 32])], 3),
    ).toEqual([
      { rate: 0.000019258, size: 16 },
      { rate: 0.004121516, size: 32 },
      { rate: 0.0009760481, size: 16 },
    ]);
  });
});

describe('Sobol points of a space', () => {
  it('do not depend on which of a dimension of a condition is active', () => {
    const space = [
      choice('a', [1, 2]),
      { ...range('x', 0, 1), when: { name: 'a', oneOf: [1] } },
      range('y', 0, 1),
    ];
    const unconditional = [choice('a', [1, 2]), range('x', 0, 1), range('y', 0, 1)];
    const ys = points(suggesters.sobol, space, 16).map(({ y }) => y);
    expect(ys).toEqual(points(suggesters.sobol, unconditional, 16).map(({ y }) => y));
  });

  it('give every point of a finite space once, then none', () => {
    const drawn = points(
      suggesters.sobol,
      [choice('a', [1, 2, 3]), range('n', 1, 7, { integer: true })],
      100,
    );
    expect(new Set(drawn.map(point => JSON.stringify(point))).size).toBe(21);
    expect(drawn).toHaveLength(21);
  });

  it('may have more than 128 dimensions', () => {
    const [first = {}, second = {}] = points(suggesters.sobol, cube(130), 2);
    expect(Object.keys(first)).toHaveLength(130);
    expect(Object.values(first).slice(128)).not.toEqual(Object.values(second).slice(128));
  });
});
