import type { MetricEvent } from '../../core/events.ts';
import type { MetricSummary } from '../../core/experiment.ts';
import type { MetricDeclaration } from '../../core/stage.ts';

/** Longest tail: with ten times as many points it is shorter than a tenth, so that it fits in memory and is read fast. */
const LONGEST_TAIL = 10_000;

/** Length of the tail whose mean is taken: the last tenth of the points, at least one. */
const tailLength = (count: number): number => Math.min(LONGEST_TAIL, Math.max(1, Math.floor(count / 10)));

/** Running summary of one metric. Keeps its tail in memory. */
class Series {
  count = 0;
  step = 0;
  last = NaN;
  min = NaN;
  max = NaN;
  /** Undefined where the continued summary lacks it. */
  minStep: number | undefined;
  maxStep: number | undefined;
  /** The newest added points, at least the tail. */
  #recent: number[] = [];
  /** For a continued summary, the previous points that the tail needs. */
  #earlier: readonly number[] = [];
  readonly #known: MetricSummary | undefined;

  /** @param known The summary of earlier points. */
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
    // Comparisons with NaN, the initial value, are false.
    if (!Number.isNaN(value) && !(this.min <= value)) [this.min, this.minStep] = [value, step];
    if (!Number.isNaN(value) && !(this.max >= value)) [this.max, this.maxStep] = [value, step];
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
}

/**
 * The summaries of an experiment's metrics, updated point by point.
 *
 * A metric is called by its name; where two stages have the same metric, the later stage's is `<stage>.<name>`. Minimum and
 * maximum ignore NaN; the last value and the tail's mean do not, so that a diverged run shows it.
 */
export class MetricSummaries {
  readonly #series = new Map<string, Entry>();
  /** Metrics whose steps are not in ascending order, by `keyOf`. */
  readonly #unordered: Set<string>;

  /** @param before Previous summaries of the same experiment, which know the order of its steps. */
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

  /** True while the mean of a tail lacks points before the added ones. */
  get isIncomplete(): boolean {
    return [...this.#series.values()].some(({ series }) => series.missing > 0);
  }

  /** Sets the points directly before the added ones, in order. */
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
   * Adds a point. Returns true when the record changes beyond numbers: a new metric, or a different order of its steps.
   * @param isMeasured True for points of the stage itself: those in a file may be of several processes at once.
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

/** The stage's own name of a metric of a record. */
export const metricOf = (name: string, stage: string): string =>
  name.startsWith(`${stage}.`) ? name.slice(stage.length + 1) : name;

/** The part of a metric's declaration that its summary holds. */
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

/** A declaration that is valid in a record, whatever a stage's module declares. */
function recordable(declared: MetricDeclaration | undefined): MetricDeclaration {
  const { description, direction, unit, wallClock } = (declared ?? {}) as Readonly<Record<string, unknown>>;
  return {
    description: typeof description === 'string' ? description : '',
    direction: DIRECTIONS.includes(direction) ? (direction as MetricDeclaration['direction']) : 'none',
    ...(typeof unit === 'string' && { unit }),
    ...(wallClock === true && { wallClock }),
  };
}
