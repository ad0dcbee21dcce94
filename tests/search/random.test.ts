import { describe, expect, it } from 'vitest';
import { suggesters } from '../../src/search/suggest.ts';
import { asked, choice, points, range } from './spaces.ts';

const space = [
  range('rate', 1e-5, 1e-2, { log: true }),
  choice('size', [16, 32]),
  { ...range('beta', 0, 1), when: { name: 'size', oneOf: [32] } },
];

describe('random points', () => {
  it('follow from the seed and the index alone', () => {
    const first = points(suggesters.random, space, 5);
    expect(points(suggesters.random, space, 5)).toEqual(first);
    expect(suggesters.random(asked(space, { index: 3 }))).toEqual(first[3]);
    expect(points(suggesters.random, space, 5, 2)).not.toEqual(first);
  });

  it('are the same on every machine', () => {
    expect(points(suggesters.random, space, 3)).toEqual([
      { rate: 0.001283503, size: 32, beta: 0.195633 },
      { rate: 0.0007929719, size: 16 },
      { rate: 0.0004426115, size: 16 },
    ]);
  });

  it('are uniform on the scale of each dimension', () => {
    const drawn = points(suggesters.random, space, 200);
    const share = (count: number) => count / drawn.length;
    expect(share(drawn.filter(({ rate }) => (rate as number) < 1e-4).length)).toBeCloseTo(1 / 3, 1);
    expect(share(drawn.filter(({ size }) => size === 32).length)).toBeCloseTo(1 / 2, 1);
    expect(drawn.every(point => (point['size'] === 32) === 'beta' in point)).toBe(true);
  });

  it('give every point of a finite space once, then none', () => {
    const finite = [
      choice('a', [1, 2, 3]),
      { ...range('n', 1, 100, { integer: true, log: true }), when: { name: 'a', oneOf: [2] } },
    ];
    const drawn = points(suggesters.random, finite, 200);
    expect(drawn).toHaveLength(102);
    expect(new Set(drawn.map(point => JSON.stringify(point))).size).toBe(102);
  });

  it('are as likely as before among those that are left', () => {
    const wide = [range('n', 1, 1000, { integer: true, log: true })];
    const pending = Array.from({ length: 10 }, (_, at) => ({ n: at + 1 }));
    const drawn = Array.from({ length: 400 }, (_, index) =>
      suggesters.random(asked(wide, { index, pending })),
    );
    const share = drawn.filter(point => (point?.['n'] as number) <= 100).length / 400;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.08);
  });

  it('are none in a space of one point that was given', () => {
    const space = [range('x', 2, 2)];
    expect(suggesters.random(asked(space))).toEqual({ x: 2 });
    expect(suggesters.random(asked(space, { index: 1, pending: [{ x: 2 }] }))).toBeUndefined();
  });
});
