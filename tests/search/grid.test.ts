import { describe, expect, it } from 'vitest';
import { gridSize, suggesters } from '../../src/search/suggest.ts';
import { gridPoints } from '../../src/search/grid.ts';
import { asked, choice, points, range } from './spaces.ts';

describe('a grid', () => {
  it('varies its first dimension slowest, and ends', () => {
    const space = [choice('size', [16, 32]), range('n', 1, 3, { integer: true })];
    expect(gridSize(space)).toBe(6);
    expect(points(suggesters.grid, space, 100)).toEqual([
      { size: 16, n: 1 },
      { size: 16, n: 2 },
      { size: 16, n: 3 },
      { size: 32, n: 1 },
      { size: 32, n: 2 },
      { size: 32, n: 3 },
    ]);
    expect(suggesters.grid(asked(space, { index: 6 }))).toBeUndefined();
  });

  it('has no point twice where a dimension depends on another', () => {
    const space = [
      range('depth', 1, 4, { integer: true }),
      choice('optimizer', ['adam', 'sgd'], { name: 'depth', oneOf: [2, 4, 17] }),
      { ...range('momentum', 0, 0.9, { step: 0.45 }), when: { name: 'optimizer', oneOf: ['sgd'] } },
      choice('size', [8, 16]),
    ];
    const listed = [...gridPoints(space)];
    expect(listed).toHaveLength(20);
    expect(gridSize(space)).toBe(20);
    expect(points(suggesters.grid, space, 100)).toEqual(listed);
    expect(listed.slice(1, 6)).toEqual([
      { depth: 1, size: 16 },
      { depth: 2, optimizer: 'adam', size: 8 },
      { depth: 2, optimizer: 'adam', size: 16 },
      { depth: 2, optimizer: 'sgd', momentum: 0, size: 8 },
      { depth: 2, optimizer: 'sgd', momentum: 0, size: 16 },
    ]);
  });

  it('is without end where a continuous range can be active', () => {
    expect(gridSize([choice('a', [1, 2]), range('x', 0, 1)])).toBe(Infinity);
    const when = (value: number) => ({ ...range('x', 0, 1), when: { name: 'a', oneOf: [value] } });
    expect(gridSize([choice('a', [1, 2]), when(2)])).toBe(Infinity);
    expect(gridSize([choice('a', [1, 2]), when(3)])).toBe(2);
    expect(gridSize([range('x', 5, 5)])).toBe(1);
  });

  it('is counted and reached without listing it', () => {
    const space = Array.from({ length: 12 }, (_, index) => range(`x${index}`, 1, 1000, { integer: true }));
    expect(gridSize(space)).toBe(1e36);
    expect(Object.values(suggesters.grid(asked(space, { index: 123_456_789 })) ?? {}).slice(8)).toEqual([
      1, 124, 457, 790,
    ]);
  });

  it('has one point without dimensions', () => {
    expect(points(suggesters.grid, [], 3)).toEqual([{}]);
  });
});
