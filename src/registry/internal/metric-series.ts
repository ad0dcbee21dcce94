import type { MetricSummary } from '../../core/experiment.ts';
import type { Interval } from '../../core/interval.ts';

/** Longest tail: with ten times as many points it is shorter than a tenth, so that it fits in memory and is read fast. */
const LONGEST_TAIL = 10_000;

/** Length of the tail whose mean is taken: the last tenth of the points, at least one. */
const tailLength = (count: number): number => Math.min(LONGEST_TAIL, Math.max(1, Math.floor(count / 10)));

/** Where and how a value was measured. */
interface Measured {
  readonly step: number;
  readonly protocol: string | undefined;
  readonly interval: Interval | undefined;
}

/** Running summary of one metric. Keeps its tail in memory. */
export class Series {
  count = 0;
  step = 0;
  last = NaN;
  min = NaN;
  max = NaN;
  /** Undefined where the continued summary lacks it. */
  minStep: number | undefined;
  maxStep: number | undefined;
  /** Of all points: a metric has one, or none. */
  protocol: string | undefined;
  /** Of `last`, `min` and `max`. */
  interval: Interval | undefined;
  minInterval: Interval | undefined;
  maxInterval: Interval | undefined;
  /** The newest added points, at least the tail. */
  #recent: number[] = [];
  /** For a continued summary, the previous points that the tail needs. */
  #earlier: readonly number[] = [];
  readonly #known: MetricSummary | undefined;

  /** @param known The summary of earlier points. */
  constructor(known?: MetricSummary) {
    if (known === undefined) return;
    const { count, step, last, min, max, minStep, maxStep } = known;
    const { protocol, interval, minInterval, maxInterval } = known;
    Object.assign(this, { count, step, last, min, max, minStep, maxStep });
    Object.assign(this, { protocol, interval, minInterval, maxInterval });
    this.#known = known;
  }

  add(value: number, { step, protocol, interval }: Measured): void {
    this.count++;
    this.step = step;
    this.last = value;
    this.protocol = protocol;
    this.interval = interval;
    // Comparisons with NaN, the initial value, are false.
    if (!Number.isNaN(value) && !(this.min <= value))
      [this.min, this.minStep, this.minInterval] = [value, step, interval];
    if (!Number.isNaN(value) && !(this.max >= value))
      [this.max, this.maxStep, this.maxInterval] = [value, step, interval];
    this.#recent.push(value);
    const tail = tailLength(this.count);
    if (this.#recent.length > 2 * tail + 1000) this.#recent = this.#recent.slice(-tail);
  }

  /** Number of points before the added ones that the tail's mean lacks. */
  get missing(): number {
    if (this.#recent.length === 0) return 0;
    return Math.max(0, tailLength(this.count) - this.#recent.length - this.#earlier.length);
  }

  /** Sets the points directly before the added ones; more than the tail needs are harmless. */
  setEarlier(values: readonly number[]): void {
    this.#earlier = values;
  }

  tailMean(): number {
    if (this.#known !== undefined && this.#recent.length === 0) return this.#known.tailMean;
    const tail = [...this.#earlier, ...this.#recent].slice(-tailLength(this.count));
    return tail.reduce((sum, value) => sum + value, 0) / tail.length;
  }

  /** The numbers of its summary; absent ones are left out. */
  toRecord(): Omit<MetricSummary, 'stage' | 'description' | 'direction' | 'unit'> {
    const { count, step, last, min, max, minStep, maxStep } = this;
    const { protocol, interval, minInterval, maxInterval } = this;
    return {
      ...{ count, step, last, min, max },
      ...(minStep !== undefined && { minStep }),
      ...(maxStep !== undefined && { maxStep }),
      tailMean: this.tailMean(),
      ...(protocol !== undefined && { protocol }),
      ...(interval !== undefined && { interval }),
      ...(minInterval !== undefined && { minInterval }),
      ...(maxInterval !== undefined && { maxInterval }),
    };
  }
}
