import type { MetricEvent } from '../../core/events.ts';
import type { MetricSummary } from '../../core/experiment.ts';
import { intervalOf } from '../../core/interval.ts';
import { metricName } from '../../core/metric-name.ts';
import type { MetricDeclaration } from '../../core/stage.ts';
import { Series } from './metric-series.ts';

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
      const metric = metricName(name, stage);
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
    event: Omit<MetricEvent, 'type'>,
    declarations: Readonly<Record<string, MetricDeclaration>>,
    isMeasured = false,
  ): boolean {
    const before = this.#series.size + this.#unordered.size;
    const { step, values, protocol, intervals } = event;
    for (const [name, value] of Object.entries(values)) {
      const series = this.#seriesOf(stage, name, declarations);
      if (isMeasured && series.count > 0 && step <= series.step) this.#unordered.add(keyOf(stage, name));
      series.add(value, { step, protocol, interval: intervalOf(intervals, name) });
    }
    return this.#series.size + this.#unordered.size > before;
  }

  /**
   * The first metric of an event whose points so far have another protocol, and that protocol; undefined where there is none.
   */
  protocolConflict(
    stage: string,
    { values, protocol }: Pick<MetricEvent, 'values' | 'protocol'>,
  ): { readonly metric: string; readonly protocol: string | undefined } | undefined {
    for (const metric of Object.keys(values)) {
      const known = this.#series.get(this.#nameOf(stage, metric))?.series;
      if (known !== undefined && known.count > 0 && known.protocol !== protocol)
        return { metric, protocol: known.protocol };
    }
    return undefined;
  }

  toRecord(): Record<string, MetricSummary> {
    const summaries = [...this.#series].map(([name, { stage, metric, declaration, series }]) => {
      const { description, direction, unit = null, wallClock } = declaration;
      const summary = { stage, description, direction, unit, ...series.toRecord() };
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
