import { formatNumber } from '../core/format.ts';
import type { Best } from '../core/metric-best.ts';
import type { MetricDeclaration } from '../core/stage.ts';

/**
 * Index of the best value, if it is unique. None where the metric has no direction (a GAN's losses), where fewer than two values
 * are comparable, where the best ones are displayed alike, and where the best one's interval overlaps that of another: the
 * difference may be chance. NaN is never best.
 */
export function bestIndices(
  bests: readonly (Best | undefined)[],
  direction: MetricDeclaration['direction'],
): ReadonlySet<number> {
  const values = bests.flatMap(best => (isComparable(best) ? [best.value] : []));
  if (direction === 'none' || values.length < 2 || new Set(values).size < 2) return new Set();
  const value = direction === 'min' ? Math.min(...values) : Math.max(...values);
  const shown = formatNumber(value);
  const alike = bests.flatMap((best, index) =>
    best !== undefined && formatNumber(best.value) === shown ? [index] : [],
  );
  const [index = -1] = alike;
  const isApart = bests.every((best, other) => other === index || !overlap(bests[index], best));
  return new Set(alike.length === 1 && isApart ? alike : []);
}

const isComparable = (best: Best | undefined): best is Best =>
  best !== undefined && !Number.isNaN(best.value);

/** True for intervals that overlap, or a value within an interval; two values without intervals never do. */
function overlap(a: Best | undefined, b: Best | undefined): boolean {
  if (!isComparable(a) || !isComparable(b)) return false;
  if (a.interval === undefined && b.interval === undefined) return false;
  const [[low, high], [otherLow, otherHigh]] = [boundsOf(a), boundsOf(b)];
  return low <= otherHigh && otherLow <= high;
}

const boundsOf = ({ value, interval = [value, value] }: Best) => interval;
