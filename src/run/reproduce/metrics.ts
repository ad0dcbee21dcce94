import { isDeepStrictEqual } from 'node:util';
import { intervalOf, type Interval } from '../../core/interval.ts';
import type { MetricPoint } from '../../registry/index.ts';
import type { MetricDifference } from './report.ts';

interface Value {
  readonly step: number;
  readonly epoch: number | undefined;
  readonly value: number;
  readonly interval: Interval | undefined;
  readonly protocol: string | undefined;
}

type Side = 'original' | 'repeated';

/** One metric of both runs, compared value by value in a stream. Keeps only the lead of one side in memory. */
class Series {
  readonly #name: string;
  /** Values of the side that is ahead. */
  #waiting: Value[] = [];
  #ahead: Side = 'original';
  readonly #last: Partial<Record<Side, number>> = {};
  #first: Omit<MetricDifference, 'name' | 'last'> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  add(side: Side, value: Value): void {
    this.#last[side] = value.value;
    if (this.#first !== undefined) return;
    if (this.#waiting.length === 0 || this.#ahead === side) {
      this.#ahead = side;
      this.#waiting.push(value);
      return;
    }
    const other = this.#waiting.shift() as Value;
    if (!isSame(value, other)) this.#differ(side === 'original' ? [value, other] : [other, value]);
  }

  difference(): MetricDifference | undefined {
    const [left] = this.#waiting;
    if (left !== undefined) this.#differ(this.#ahead === 'original' ? [left, undefined] : [undefined, left]);
    return this.#first && { name: this.#name, ...this.#first, last: this.#last };
  }

  #differ([original, repeated]: readonly [Value | undefined, Value | undefined]): void {
    const step = Math.min(original?.step ?? Infinity, repeated?.step ?? Infinity);
    const [then, now] = [valueAt(original, step), valueAt(repeated, step)];
    this.#first = {
      step,
      first: sides(then?.value, now?.value),
      ...(!isDeepStrictEqual(then?.interval, now?.interval) && {
        interval: sides(then?.interval, now?.interval),
      }),
      ...(then?.protocol !== now?.protocol && { protocol: sides(then?.protocol, now?.protocol) }),
    };
    this.#waiting = [];
  }
}

/**
 * Compares the metrics of a stage in two runs, except times. Pure.
 * @param isTime True for metrics that differ in every run.
 * @returns The number of points in which everything compared is equal, and the metrics that differ.
 */
export function compareMetrics(
  original: Iterable<MetricPoint>,
  repeated: Iterable<MetricPoint>,
  isTime: (metric: string) => boolean,
): { readonly points: number; readonly differences: readonly MetricDifference[] } {
  const series = new Map<string, Series>();
  for (const [side, { step, epoch, values, intervals, protocol }] of alternately(original, repeated))
    for (const [name, value] of Object.entries(values)) {
      if (isTime(name)) continue;
      const known = series.get(name) ?? new Series(name);
      series.set(name, known);
      known.add(side, { step, epoch, value, interval: intervalOf(intervals, name), protocol });
    }
  const differences = [...series.values()].flatMap(each => each.difference() ?? []);
  const first = differences.reduce((least, { step }) => Math.min(least, step), Infinity);
  return { points: countBefore(first, original, isTime), differences };
}

function countBefore(
  first: number,
  points: Iterable<MetricPoint>,
  isTime: (metric: string) => boolean,
): number {
  let count = 0;
  for (const { step, values } of points) if (step < first && !Object.keys(values).every(isTime)) count++;
  return count;
}

/** Points of the two runs in turn, so that neither gets far ahead. */
function* alternately(
  original: Iterable<MetricPoint>,
  repeated: Iterable<MetricPoint>,
): Generator<readonly [Side, MetricPoint]> {
  const open = { original: original[Symbol.iterator](), repeated: repeated[Symbol.iterator]() };
  const sides = new Set<Side>(['original', 'repeated']);
  while (sides.size > 0)
    for (const side of sides) {
      const next = open[side].next();
      if (next.done === true) sides.delete(side);
      else yield [side, next.value];
    }
}

const isSame = (a: Value, b: Value): boolean =>
  a.step === b.step &&
  a.epoch === b.epoch &&
  Object.is(a.value, b.value) &&
  a.protocol === b.protocol &&
  isDeepStrictEqual(a.interval, b.interval);

/** The value at a step; undefined if the next point is later. */
const valueAt = (value: Value | undefined, step: number): Value | undefined =>
  value?.step === step ? value : undefined;

function sides<T>(original: T | undefined, repeated: T | undefined) {
  return { ...(original !== undefined && { original }), ...(repeated !== undefined && { repeated }) };
}
