import type { ListedMetrics } from '../stored.ts';

/** What metrics are, without their numbers. */
export type MetricList = Omit<ListedMetrics, 'values' | 'bounds' | 'bests'>;

/** Numbers of an experiment with these metrics: value, best value and its step, and where there are intervals the bounds of both. */
export const numbersOf = (list: MetricList | undefined): number =>
  list === undefined ? NaN : list.names.length * (list.hasIntervals ? 7 : 3);

/** True for a list of metrics of which each has all that it needs. */
export function isList(value: unknown): value is MetricList {
  const { names, ...others } = (value ?? {}) as Partial<Record<keyof MetricList, unknown>>;
  const isColumn = (column: unknown) =>
    Array.isArray(column) && Array.isArray(names) && column.length === names.length;
  return [names, others.directions, others.stages, others.protocols].every(isColumn);
}

/** The metrics of one experiment in the index: views of the numbers of all, made when they are asked for. */
export class IndexedMetrics implements ListedMetrics {
  readonly #list: MetricList;
  readonly #numbers: Float64Array;
  readonly #start: number;

  /** @param start Where its numbers begin. */
  constructor(list: MetricList, numbers: Float64Array, start: number) {
    this.#list = list;
    this.#numbers = numbers;
    this.#start = start;
  }

  get names() {
    return this.#list.names;
  }

  get directions() {
    return this.#list.directions;
  }

  get stages() {
    return this.#list.stages;
  }

  get protocols() {
    return this.#list.protocols;
  }

  get hasIntervals() {
    return this.#list.hasIntervals;
  }

  get values() {
    return this.#view(0, this.names.length);
  }

  get bounds() {
    return this.#view(this.names.length, this.#boundsEnd);
  }

  get bests() {
    return this.#view(this.#boundsEnd, numbersOf(this.#list));
  }

  get #boundsEnd(): number {
    return this.names.length * (this.hasIntervals ? 3 : 1);
  }

  #view(from: number, to: number): Float64Array {
    return this.#numbers.subarray(this.#start + from, this.#start + to);
  }
}
