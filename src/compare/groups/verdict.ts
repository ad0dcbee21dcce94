import { pairedDifference, welchDifference, type Estimate } from '../statistics/intervals.ts';
import type { GroupedMetric, Run, Sample } from './group-metrics.ts';

/**
 * A group's metric compared with that of a second group:
 * - `better`, `worse`: the 95 % interval of the difference does not reach 0.
 * - `equal`: the same value in all runs of both.
 * - `inconclusive`: the interval reaches 0.
 * - `unknown`: a single run, or a run without a number, cannot tell.
 */
export interface Verdict {
  readonly outcome: 'better' | 'worse' | 'equal' | 'inconclusive' | 'unknown';
  /** By how much it is better, negative if worse, in the metric's unit. */
  readonly gain?: Estimate;
  /** The same as a share of the other one's mean; absent where that is 0. */
  readonly relative?: Estimate;
  /** True where the runs of both have the same seeds: their differences are what counts. */
  readonly isPaired: boolean;
  /** Runs of the group and of the other one. */
  readonly runs: readonly [own: number, other: number];
  /** Ids of the runs because of which it is unknown: NaN or infinite. */
  readonly broken: readonly string[];
}

/** Undefined for a metric without direction, and where one of both has no run with it. */
export function verdictOn(
  { direction, samples }: Pick<GroupedMetric, 'direction' | 'samples'>,
  group: number,
  against: number,
): Verdict | undefined {
  const [own, other] = [samples[group] as Sample, samples[against] as Sample];
  const runs = [own.runs.length, other.runs.length] as const;
  if (direction === 'none' || runs.includes(0)) return undefined;
  const broken = [...other.runs, ...own.runs].filter(({ value }) => !Number.isFinite(value));
  const common = { isPaired: false, runs, broken: broken.map(({ id }) => id) };
  if (own.mean === undefined || other.mean === undefined) return { ...common, outcome: 'unknown' };
  const pairs = pairsOf(other.runs, own.runs);
  const difference =
    pairs === undefined
      ? welchDifference(other.runs.map(valueOf), own.runs.map(valueOf))
      : pairedDifference(...pairs);
  const gain = scaled(difference, direction === 'max' ? 1 : -1);
  const relative = other.mean.value === 0 ? {} : { relative: scaled(gain, 1 / Math.abs(other.mean.value)) };
  return { ...common, isPaired: pairs !== undefined, outcome: outcomeOf(gain), gain, ...relative };
}

const valueOf = ({ value }: Run): number => value;

function outcomeOf({ value, interval: [low, high] }: Estimate): Verdict['outcome'] {
  if (low === 0 && high === 0) return 'equal';
  if (low <= 0 && high >= 0) return 'inconclusive';
  return value > 0 ? 'better' : 'worse';
}

/** The values of two samples in the order of their seeds, where each seed is once in both. */
function pairsOf(
  first: readonly Run[],
  second: readonly Run[],
): readonly [readonly number[], readonly number[]] | undefined {
  const bySeed = new Map(second.map(({ seed, value }) => [seed, value]));
  const isPaired =
    first.length === second.length &&
    bySeed.size === second.length &&
    new Set(first.map(({ seed }) => seed)).size === first.length &&
    first.every(({ seed }) => bySeed.has(seed));
  return isPaired ? [first.map(valueOf), first.map(({ seed }) => bySeed.get(seed) as number)] : undefined;
}

function scaled({ value, interval: [low, high] }: Estimate, factor: number): Estimate {
  const bounds = factor < 0 ? [high * factor, low * factor] : [low * factor, high * factor];
  // Without the minus of a zero.
  const [lower = 0, upper = 0] = bounds.map(bound => bound + 0);
  return { value: value * factor + 0, interval: [lower, upper] };
}

/**
 * The group whose mean is the best, if its difference to that of each other one is more than noise; undefined otherwise. Groups
 * without the metric do not count.
 */
export function clearBest(metric: GroupedMetric): number | undefined {
  const best = bestMean(metric);
  if (best === undefined) return undefined;
  const others = metric.samples.flatMap(({ runs }, index) =>
    index === best || runs.length === 0 ? [] : [verdictOn(metric, best, index)],
  );
  return others.length > 0 && others.every(verdict => verdict?.outcome === 'better') ? best : undefined;
}

/** The group with the best mean, the first of equal ones; undefined without direction, and where no group has one. */
export function bestMean({ direction, samples }: GroupedMetric): number | undefined {
  if (direction === 'none') return undefined;
  const sign = direction === 'min' ? 1 : -1;
  const means = samples.flatMap(({ mean }, index) =>
    mean === undefined ? [] : [{ index, value: mean.value }],
  );
  return means.toSorted((a, b) => sign * (a.value - b.value))[0]?.index;
}
