import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { meanEstimate, pairedDifference, welchDifference } from '../../src/compare/statistics/intervals.ts';
import { criticalValue } from '../../src/compare/statistics/student-t.ts';

interface Case {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly means: readonly (readonly [number, number])[];
  readonly welch: readonly [number, number];
  readonly paired?: readonly [number, number];
}

/** Of scipy; made by bench/reference/make_intervals.py. */
const { quantiles, pairs } = JSON.parse(
  readFileSync(new URL('../fixtures/compare/intervals.json', import.meta.url), 'utf8'),
) as { quantiles: readonly (readonly [number, number])[]; pairs: Readonly<Record<string, Case>> };

/** Equal to so many parts of the larger bound. */
function expectInterval(actual: readonly number[], expected: readonly number[], parts = 1e-11) {
  const scale = Math.max(...expected.map(Math.abs));
  for (const [index, bound] of expected.entries())
    expect(Math.abs((actual[index] ?? NaN) - bound)).toBeLessThanOrEqual(parts * scale);
}

describe('intervals, beside those of scipy', () => {
  it.each(quantiles)('the quantile of %d degrees of freedom', (dof, quantile) => {
    expect(Math.abs(criticalValue(dof) / quantile - 1)).toBeLessThan(1e-10);
  });

  it.each(Object.entries(pairs))('%s', (_, { first, second, means, welch, paired }) => {
    expectInterval(meanEstimate(first).interval, means[0] ?? []);
    expectInterval(meanEstimate(second).interval, means[1] ?? []);
    expectInterval(welchDifference(first, second).interval, welch);
    if (paired !== undefined) expectInterval(pairedDifference(first, second).interval, paired);
  });

  it('have no width where all values are equal', () => {
    expect(meanEstimate([2, 2]).interval).toEqual([2, 2]);
    expect(welchDifference([2, 2], [3, 3, 3])).toEqual({ value: 1, interval: [1, 1] });
    expect(pairedDifference([2, 4], [3, 5])).toEqual({ value: 1, interval: [1, 1] });
  });
});
