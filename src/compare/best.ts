import type { MetricDeclaration } from '../core/stage.ts';

/**
 * Which of the values are best. None where the metric has no direction (a GAN's losses), where fewer than two can be
 * compared, and where all are equal. Several on a tie. NaN is never best.
 */
export function bestIndices(
  values: readonly (number | undefined)[],
  direction: MetricDeclaration['direction'],
): ReadonlySet<number> {
  const comparable = values.filter((value): value is number => value !== undefined && !Number.isNaN(value));
  if (direction === 'none' || comparable.length < 2 || new Set(comparable).size < 2) return new Set();
  const best = direction === 'min' ? Math.min(...comparable) : Math.max(...comparable);
  return new Set(values.flatMap((value, index) => (value === best ? [index] : [])));
}
