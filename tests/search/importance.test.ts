import { describe, expect, it } from 'vitest';
import { importances } from '../../src/search/importance.ts';
import type { Point, Space } from '../../src/search/space.ts';
import type { Observation } from '../../src/search/suggest.ts';
import { fixture } from './fixture.ts';
import { choice, range } from './spaces.ts';

interface Study {
  readonly name: string;
  readonly space: Space;
  readonly direction: 'min' | 'max';
  readonly points: readonly Point[];
  readonly values: readonly number[];
  readonly shares: Readonly<Record<string, number>>;
}

const studies = fixture<Study[]>('importance');

const ended = (points: readonly Point[], value: (point: Point, at: number) => number): Observation[] =>
  points.map((point, at) => ({ point, value: value(point, at), reached: 1 }));

describe('importances', () => {
  it.each(studies)('are those of Optuna: $name', ({ space, direction, points, values, shares }) => {
    const {
      dimensions,
      best,
      points: count,
    } = importances(
      space,
      ended(points, (_, at) => values[at] ?? NaN),
      direction,
    );
    const found = Object.fromEntries(dimensions.map(({ name, share = 0 }) => [name, share]));
    for (const { name } of space) expect(found[name]).toBeCloseTo(shares[name] ?? 0, 10);
    expect(Object.values(found)).toEqual(Object.values(found).sort((left, right) => right - left));
    expect(count).toBe(points.length);
    expect(best).toBeGreaterThanOrEqual(Math.ceil(points.length / 10));
  });

  it('rest on points that ended with a finite value alone', () => {
    const { space, direction, points, values } = studies[2] as Study;
    const observations = ended(points, (_, at) => values[at] ?? NaN);
    const others = observations.map(({ point, value = 0 }, at): Observation => {
      if (at % 4 === 0) return { point, value: -99 - value, reached: 0.5 };
      return { point, value: [undefined, NaN, -Infinity][at % 3], reached: 1 };
    });
    expect(importances(space, [...others, ...observations], direction)).toEqual(
      importances(space, observations, direction),
    );
  });

  it('tell of each dimension how many points have it', () => {
    const space = [choice('a', [1, 2]), { ...range('x', 0, 1), when: { name: 'a', oneOf: [2] } }];
    const points = [{ a: 1 }, { a: 2, x: 0.1 }, { a: 2, x: 0.9 }, { a: 1 }, { a: 1 }];
    const { dimensions, best } = importances(
      space,
      ended(points, (_, at) => at),
      'max',
    );
    expect(best).toBe(1);
    expect(dimensions.map(({ name, points: count }) => [name, count])).toEqual([
      ['a', 5],
      ['x', 2],
    ]);
  });

  it('are unknown where nothing tells them', () => {
    const space = [choice('a', [1, 2]), range('x', 2, 2)];
    for (const observations of [
      [],
      ended([{ a: 1, x: 2 }], () => 1),
      ended(
        [
          { a: 1, x: 2 },
          { a: 1, x: 2 },
        ],
        () => 1,
      ),
    ]) {
      const { dimensions } = importances(space, observations, 'min');
      expect(dimensions.map(({ share }) => share)).toEqual([undefined, undefined]);
    }
  });
});
