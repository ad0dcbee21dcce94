import { describe, expect, it } from 'vitest';
import { parzen } from '../../src/search/parzen.ts';
import type { Point, Space } from '../../src/search/space.ts';
import { isActive } from '../../src/search/space.ts';
import type { Asked, Observation } from '../../src/search/suggest.ts';
import { suggesters } from '../../src/search/suggest.ts';
import { fixture } from './fixture.ts';
import { objectives, runSweep } from './objectives.ts';
import { asked, choice, points, range } from './spaces.ts';

const { tpe } = suggesters;

const optuna =
  fixture<
    Record<
      keyof typeof objectives,
      { space: Space; best: number[]; checks: { point: Point; value: number }[] }
    >
  >('tpe');

/** Eleven observations at 0.05, 0.15, … of the unit interval, each with a value and a share of the resource. */
const along = (valueAt: (x: number) => Pick<Observation, 'value' | 'reached'>): Observation[] =>
  Array.from({ length: 11 }, (_, at) => {
    const x = (at + 0.5) / 11;
    return { point: { x }, ...valueAt(x) };
  });

/** Mean of what is suggested for one dimension x, over 20 indices. */
function meanSuggestion(more: Partial<Asked>): number {
  const xs = Array.from(
    { length: 20 },
    (_, index) => tpe(asked([range('x', 0, 1)], { index, ...more }))?.['x'],
  );
  return xs.reduce<number>((sum, x) => sum + (x as number), 0) / xs.length;
}

describe('the density of TPE', () => {
  const { space, ...known } = fixture<{ space: Space; points: Point[]; observed: Record<string, number[]> }>(
    'density',
  );

  it.each(Object.entries(known.observed))(
    'is that of Optuna up to its unit, with %s points',
    (count, logs) => {
      const density = parzen(space, known.points.slice(0, Number(count)));
      const units = Math.log(Math.log(1e-1 / 1e-5)) + Math.log(0.999 - 0.5);
      for (const [at, log] of logs.entries()) {
        expect(density.logDensity(known.points[40 + at] ?? {}) - units).toBeCloseTo(log, 8);
      }
    },
  );
});

describe('TPE', () => {
  const { tree } = optuna;

  it('begins with the points of a Sobol sequence', () => {
    const failed = { point: { x: 0.5 }, value: undefined, reached: 0 };
    const nine = along(x => ({ value: x, reached: 1 })).slice(0, 9);
    const sweep = { index: 15, observations: [...nine, failed, failed] };
    expect(tpe(asked([range('x', 0, 1)], sweep))).toEqual(suggesters.sobol(asked([range('x', 0, 1)], sweep)));
  });

  it('is the same for the same arguments, on every machine', () => {
    const observations = along(x => ({ value: (x - 0.3) ** 2, reached: 1 }));
    const suggest = (index: number) => tpe(asked([range('x', 0, 1)], { index, observations }));
    expect([suggest(11), suggest(12), suggest(11)]).toEqual([
      { x: 0.271619 },
      { x: 0.279006 },
      { x: 0.271619 },
    ]);
  });

  it('goes where the value is good, smaller or larger', () => {
    const observations = along(x => ({ value: (x - 0.3) ** 2, reached: 1 }));
    expect(meanSuggestion({ observations })).toBeCloseTo(0.3, 1);
    const negated = observations.map(one => ({ ...one, value: -(one.value ?? 0) }));
    expect(meanSuggestion({ observations: negated, direction: 'max' })).toBe(
      meanSuggestion({ observations }),
    );
    expect(meanSuggestion({ observations, direction: 'max' })).toBeGreaterThan(0.8);
  });

  it('stays away from what is pending', () => {
    const observations = along(x => ({ value: (x - 0.5) ** 2, reached: 1 }));
    const pending = Array.from({ length: 8 }, (_, at) => ({ x: 0.5 + at / 100 }));
    expect(meanSuggestion({ observations })).toBeCloseTo(0.5, 1);
    expect(meanSuggestion({ observations, pending })).toBeLessThan(0.46);
  });

  it('ranks points that stopped early behind those that ended, those that came farther first', () => {
    const ended = along(x => ({ value: x > 0.8 ? 5 : 9 + x, reached: x < 0.2 ? 0.1 : 1 }));
    expect(meanSuggestion({ observations: ended })).toBeGreaterThan(0.7);
    const early = along(x => ({ value: x, reached: x > 0.8 ? 0.3 : 0.1 }));
    expect(meanSuggestion({ observations: early })).toBeGreaterThan(0.7);
  });

  it('stays away from points that failed', () => {
    const observations = [
      ...along(x => ({ value: (x - 0.5) ** 2, reached: 1 })),
      ...along(x => ({ value: x < 0.5 ? NaN : undefined, reached: 1 })).filter(
        ({ point }) => (point['x'] as number) < 0.5,
      ),
    ];
    expect(meanSuggestion({ observations })).toBeGreaterThan(0.51);
  });

  it('gives every point of a finite space once, then none', () => {
    const space = [
      choice('a', ['p', 'q']),
      { ...range('n', 1, 20, { integer: true }), when: { name: 'a', oneOf: ['p'] } },
    ];
    const value = ({ n = 30 }: Point) => n as number;
    const sweep = runSweep(tpe, value, { space, seed: 3, count: 40, parallel: 4 });
    expect(sweep).toHaveLength(21);
    expect(new Set(sweep.map(({ point }) => JSON.stringify(point))).size).toBe(21);
  });

  it('gives points whose active dimensions have values of the space', () => {
    const sweep = runSweep(tpe, objectives.tree, { space: tree.space, seed: 5, count: 40, parallel: 8 });
    for (const { point } of sweep) {
      expect(Object.keys(point)).toEqual(
        tree.space.filter(dimension => isActive(dimension, point)).map(({ name }) => name),
      );
      expect(point['rate']).toBeGreaterThanOrEqual(1e-5);
      expect(point['rate']).toBeLessThanOrEqual(1);
      expect(Number.isInteger(point['depth']) && Number.isInteger(point['width'])).toBe(true);
    }
  });

  it('takes values of its sweep that the space does not have for none', () => {
    const space = [choice('a', [1, 2])];
    const observations = Array.from({ length: 12 }, (_, value) => ({ point: { a: 3 }, value, reached: 1 }));
    expect(points(sweep => tpe({ ...sweep, observations }), space, 9)).toHaveLength(2);
  });
});

describe.each([
  { name: 'branin', seeds: 20 },
  { name: 'hartmann', seeds: 5 },
  { name: 'tree', seeds: 3 },
] as const)('$name', ({ name, seeds }) => {
  const { space, best, checks } = optuna[name];

  it('has the values that it has in Python', () => {
    for (const { point, value } of checks) expect(objectives[name](point)).toBeCloseTo(value, 10);
  });

  it("is minimized by 8 at a time to within the quartiles of Optuna's TPE", () => {
    const ours = Array.from({ length: seeds }, (_, at) => {
      const sweep = runSweep(tpe, objectives[name], { space, seed: at + 1, count: 100, parallel: 8 });
      return Math.min(...sweep.map(({ value = NaN }) => value));
    });
    const at = (values: readonly number[], share: number) =>
      values.toSorted((left, right) => left - right)[Math.floor(share * values.length)] ?? NaN;
    expect(at(ours, 0.5)).toBeLessThanOrEqual(at(best, 0.75));
  });
});
