/** The points of one metric in bounded memory, however many there are. */

import type { Interval } from '../core/interval.ts';

/** Most columns of a series: about one for each pixel of its plot. */
const MOST_COLUMNS = 360;

/** Values are drawn within these bounds, so that their differences are finite. */
const LARGEST = 1e300;

/** Neighbouring points as one. */
export interface Column {
  /** Mean step. */
  readonly step: number;
  /** Number of finite values; the next three are NaN where there is none. */
  readonly count: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Number of values that are NaN or infinite. */
  readonly broken: number;
  /** Around all intervals of its points. */
  readonly interval: Interval | undefined;
}

/**
 * Points by ranges of steps, whose width doubles whenever there are too many of them: the same points give the same columns. Steps
 * may come in any order.
 */
export class Series {
  #columns = new Map<number, Column>();
  /** Steps of a column, a power of two. */
  #width = 1;
  readonly #limit: number;

  constructor(limit = MOST_COLUMNS) {
    this.#limit = limit;
  }

  add(step: number, value: number, interval?: Interval): void {
    this.#put(columnOf(step, value, interval));
    while (this.#columns.size > this.#limit) this.#widen();
  }

  /** By step. */
  columns(): readonly Column[] {
    return [...this.#columns.values()].sort((a, b) => a.step - b.step);
  }

  #put(column: Column): void {
    const key = Math.floor(column.step / this.#width);
    const known = this.#columns.get(key);
    this.#columns.set(key, known === undefined ? column : together(known, column));
  }

  #widen(): void {
    const columns = this.columns();
    this.#width *= 2;
    this.#columns = new Map();
    for (const column of columns) this.#put(column);
  }
}

function columnOf(step: number, value: number, interval?: Interval): Column {
  if (!Number.isFinite(value))
    return { step, count: 0, mean: NaN, low: NaN, high: NaN, broken: 1, interval: undefined };
  const mean = within(value);
  const known = interval?.every(Number.isFinite) ? interval : undefined;
  return {
    step,
    count: 1,
    mean,
    low: mean,
    high: mean,
    broken: 0,
    interval: known && [within(known[0]), within(known[1])],
  };
}

const within = (value: number): number => Math.max(-LARGEST, Math.min(LARGEST, value));

function together(a: Column, b: Column): Column {
  const points = (column: Column) => column.count + column.broken;
  const step = a.step + ((b.step - a.step) * points(b)) / (points(a) + points(b));
  const broken = a.broken + b.broken;
  if (a.count === 0 || b.count === 0) return { ...(a.count === 0 ? b : a), step, broken };
  const count = a.count + b.count;
  return {
    step,
    count,
    mean: a.mean + ((b.mean - a.mean) * b.count) / count,
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    broken,
    interval: around(a.interval, b.interval),
  };
}

function around(a: Interval | undefined, b: Interval | undefined): Interval | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}
