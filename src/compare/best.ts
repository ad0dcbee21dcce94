import { formatNumber } from '../core/format.ts';
import type { MetricDeclaration } from '../core/stage.ts';

/**
 * Index of the best value, if it is unique. None where the metric has no direction (a GAN's losses), where fewer than two values
 * are comparable, and where the best ones are displayed alike. NaN is never best.
 */
export function bestIndices(
  values: readonly (number | undefined)[],
  direction: MetricDeclaration['direction'],
): ReadonlySet<number> {
  const comparable = values.filter((value): value is number => value !== undefined && !Number.isNaN(value));
  if (direction === 'none' || comparable.length < 2 || new Set(comparable).size < 2) return new Set();
  const best = direction === 'min' ? Math.min(...comparable) : Math.max(...comparable);
  const shown = formatNumber(best);
  const alike = values.flatMap((value, index) =>
    value !== undefined && formatNumber(value) === shown ? [index] : [],
  );
  return new Set(alike.length === 1 ? alike : []);
}
