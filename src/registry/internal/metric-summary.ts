import type { MetricEvent } from '../../core/events.ts';
import type { MetricSummary } from '../../core/experiment.ts';
import type { MetricDeclaration } from '../../core/stage.ts';

/** Of more points than ten times as many the tail is no longer a tenth, so that it fits into memory and is read in no time. */
const LONGEST_TAIL = 10_000;

/** Points over which the tail's mean goes: the last tenth, at least one. */
const tailLength = (count: number): number => Math.min(LONGEST_TAIL, Math.max(1, Math.floor(count / 10)));

/** One metric as its points come. Memory: its tail. */
class Series {
  count = 0;
  step = 0;
  last = NaN;
  min = NaN;
  max = NaN;
  /** Undefined where the summary that the series continues does not say it. */
  minStep: number | undefined;
  maxStep: number | undefined;
  /** The newest points, at least the tail, as far as they were added here. */
  #recent: number[] = [];
  /** Of a series that continues a summary: the points before, as far as the tail needs them. */
  #earlier: readonly number[] = [];
  readonly #known: MetricSummary | undefined;

  /** @param known Summaries of earlier points. */
  constructor(known?: MetricSummary) {
    if (known === undefined) return;
    const { count, step, last, min, max, minStep, maxStep } = known;
    Object.assign(this, { count, step, last, min, max, minStep, maxStep });
    this.#known = known;
  }

  add(step: number, value: number): void {
    this.count++;
    this.step = step;
    this.last = value;
    // With NaN for no value so far, no comparison is true.
    if (!Number.isNaN(value) && !(this.min <= value)) [this.min, this.minStep] = [value, step];
    if (!Number.isNaN(value) && !(this.max >= value)) [this.max, this.maxStep] = [value, step];
    this.#recent.push(value);
    const tail = tailLength(this.count);
    if (this.#recent.length > 2 * tail + 1000) this.#recent = this.#recent.slice(-tail);
  }

  /** How many points before those that were added are missing for the tail's mean. */
  get missing(): number {
    if (this.#recent.length === 0) return 0;
    return Math.max(0, tailLength(this.count) - this.#recent.length - this.#earlier.length);
  }

  /** Gives the points directly before those that were added; more than the tail needs do no harm. */
  setEarlier(values: readonly number[]): void {
    this.#earlier = values;
  }

  tailMean(): number {
    if (this.#known !== undefined && this.#recent.length === 0) return this.#known.tailMean;
    const tail = [...this.#earlier, ...this.#recent].slice(-tailLength(this.count));
    return tail.reduce((sum, value) => sum + value, 0) / tail.length;
  }
}

/**
 * The summaries of an experiment's metrics, kept point by point.
 *
 * A metric is called by its name; where two stages have one of the same name, the later stage's is `<stage>.<name>`. Smallest
 * and largest value leave NaN out; the last value and the tail's mean do not, so that a run which diverged shows it.
 */
export class MetricSummaries {
  readonly #series = new Map<string, Entry>();
  /** Metrics whose stages measure steps in any order, by `keyOf`. */
  readonly #unordered: Set<string>;

  /** @param before Other summaries of the same experiment: the order of steps is known from what was measured there, too. */
  constructor(before?: MetricSummaries) {
    this.#unordered = new Set(before === undefined ? [] : before.#unordered);
  }

  /** Continues the summaries of earlier points. */
  static from(known: Readonly<Record<string, MetricSummary>>): MetricSummaries {
    const summaries = new MetricSummaries();
    for (const [name, summary] of Object.entries(known)) {
      const { stage } = summary;
      const metric = metricOf(name, stage);
      if (summary.steps === 'any') summaries.#unordered.add(keyOf(stage, metric));
      const declaration = declarationIn(summary);
      summaries.#series.set(name, { stage, metric, declaration, series: new Series(summary) });
    }
    return summaries;
  }

  /** True while points before those that were added are missing for the mean of a tail. */
  get isIncomplete(): boolean {
    return [...this.#series.values()].some(({ series }) => series.missing > 0);
  }

  /** Gives the points directly before those that were added, in order. */
  setEarlier(points: Iterable<Pick<MetricEvent, 'values'> & { readonly stage: string }>): void {
    const earlier = new Map<Series, number[]>();
    for (const { stage, values } of points)
      for (const [name, value] of Object.entries(values)) {
        const series = this.#series.get(this.#nameOf(stage, name))?.series;
        if (series === undefined) continue;
        const list = earlier.get(series) ?? [];
        earlier.set(series, list);
        list.push(value);
      }
    for (const [series, values] of earlier) series.setEarlier(values);
  }

  /**
   * Returns true when the record is to say more of a metric than its numbers: that it is there, or the order of its steps.
   * @param isMeasured By the stage itself: what is read from a file may have been written by several processes at once.
   */
  add(
    stage: string,
    event: Pick<MetricEvent, 'step' | 'values'>,
    declarations: Readonly<Record<string, MetricDeclaration>>,
    isMeasured = false,
  ): boolean {
    const before = this.#series.size + this.#unordered.size;
    for (const [name, value] of Object.entries(event.values)) {
      const series = this.#seriesOf(stage, name, declarations);
      if (isMeasured && series.count > 0 && event.step <= series.step)
        this.#unordered.add(keyOf(stage, name));
      series.add(event.step, value);
    }
    return this.#series.size + this.#unordered.size > before;
  }

  toRecord(): Record<string, MetricSummary> {
    const summaries = [...this.#series].map(([name, { stage, metric, declaration, series }]) => {
      const { count, step, last, min, max, minStep, maxStep } = series;
      const { description, direction, unit = null, wallClock } = declaration;
      const steps = { ...(minStep !== undefined && { minStep }), ...(maxStep !== undefined && { maxStep }) };
      const numbers = { count, step, last, min, max, ...steps, tailMean: series.tailMean() };
      const summary = { stage, description, direction, unit, ...numbers };
      const order = this.#unordered.has(keyOf(stage, metric)) && ({ steps: 'any' } as const);
      return [name, { ...summary, ...order, ...(wallClock === true && { measuresTime: true }) }] as const;
    });
    return Object.fromEntries(summaries);
  }

  #nameOf(stage: string, metric: string): string {
    const first = this.#series.get(metric);
    return first === undefined || first.stage === stage ? metric : `${stage}.${metric}`;
  }

  #seriesOf(
    stage: string,
    metric: string,
    declarations: Readonly<Record<string, MetricDeclaration>>,
  ): Series {
    const name = this.#nameOf(stage, metric);
    const known = this.#series.get(name);
    if (known !== undefined) return known.series;
    const declared = Object.hasOwn(declarations, metric) ? declarations[metric] : undefined;
    const series = new Series();
    this.#series.set(name, { stage, metric, declaration: recordable(declared), series });
    return series;
  }
}

interface Entry {
  readonly stage: string;
  readonly metric: string;
  readonly declaration: MetricDeclaration;
  readonly series: Series;
}

const keyOf = (stage: string, metric: string): string => `${stage}\0${metric}`;

/** The stage's own name of a metric in a record. */
export const metricOf = (name: string, stage: string): string =>
  name.startsWith(`${stage}.`) ? name.slice(stage.length + 1) : name;

/** A metric's declaration, as far as its summary has it. */
export const declarationIn = ({
  description,
  direction,
  unit,
  measuresTime,
}: MetricSummary): MetricDeclaration => ({
  description,
  direction,
  ...(unit !== null && { unit }),
  ...(measuresTime !== undefined && { wallClock: measuresTime }),
});

const DIRECTIONS: readonly unknown[] = ['min', 'max', 'none'];

/** A declaration that a record may hold, whatever a stage's module says. */
function recordable(declared: MetricDeclaration | undefined): MetricDeclaration {
  const { description, direction, unit, wallClock } = (declared ?? {}) as Readonly<Record<string, unknown>>;
  return {
    description: typeof description === 'string' ? description : '',
    direction: DIRECTIONS.includes(direction) ? (direction as MetricDeclaration['direction']) : 'none',
    ...(typeof unit === 'string' && { unit }),
    ...(wallClock === true && { wallClock }),
  };
}
