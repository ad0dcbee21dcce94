import type { MetricSummary } from '../../core/experiment.ts';
import type { Interval } from '../../core/interval.ts';
import type { Best } from '../../core/metric-best.ts';
import { metricName } from '../../core/metric-name.ts';
import type { ListedMetrics } from '../../registry/index.ts';

/** A metric of a listed experiment. */
export interface ListedMetric {
  readonly last: number;
  /** Of the last value. */
  readonly interval: Interval | undefined;
  /** Undefined for a metric without direction, and where every value was NaN. */
  readonly best: Best | undefined;
  readonly direction: MetricSummary['direction'];
  readonly protocol: string | undefined;
}

/** The metric at a position of the lists. */
export function metricAt(metrics: ListedMetrics, at: number): ListedMetric {
  const { directions, protocols, hasIntervals, values, bounds, bests } = metrics;
  const from = at * (hasIntervals ? 4 : 2);
  const [value = NaN, step = NaN] = [bests[from], bests[from + 1]];
  const interval = hasIntervals ? intervalAt(bests, from + 2) : undefined;
  const best = {
    value,
    ...(!Number.isNaN(step) && { step }),
    ...(interval !== undefined && { interval }),
  };
  return {
    last: values[at] as number,
    interval: hasIntervals ? intervalAt(bounds, 2 * at) : undefined,
    best: Number.isNaN(value) ? undefined : best,
    direction: directions[at] ?? 'none',
    protocol: protocols[at] ?? undefined,
  };
}

function intervalAt(bounds: Float64Array, at: number): Interval | undefined {
  const [low = NaN, high = NaN] = [bounds[at], bounds[at + 1]];
  return Number.isNaN(low) ? undefined : [low, high];
}

/** Finds a metric by its name in records, or by its stage and its own name: `kid`, `evaluate.kid`. */
export function metricFinder(name: string): (metrics: ListedMetrics) => ListedMetric | undefined {
  // Thousands of experiments share a list of names.
  const positions = new Map<readonly string[], number>();
  return metrics => {
    const at = positions.get(metrics.names) ?? positionOf(metrics, name);
    positions.set(metrics.names, at);
    return at === -1 ? undefined : metricAt(metrics, at);
  };
}

/** Of a metric by either name; -1 where there is none. */
export function positionOf(metrics: ListedMetrics, name: string): number {
  const at = metrics.names.indexOf(name);
  return at === -1 ? fullNames(metrics).indexOf(name) : at;
}

/** `evaluate.kid` for `kid`. */
export const fullNames = ({ names, stages }: ListedMetrics): readonly string[] =>
  names.map((name, at) => `${stages[at] ?? ''}.${metricName(name, stages[at] ?? '')}`);
