import type { MetricEvent } from '../core/events.ts';
import type { MetricSummary } from '../core/experiment.ts';
import type { MetricDeclaration } from '../core/stage.ts';

/** Points over which the tail's mean goes: the last tenth, at least one. */
const tailLength = (count: number): number => Math.max(1, Math.floor(count / 10));

/** One metric as its points come. Memory: about a fifth of its points. */
class Series {
  count = 0;
  step = 0;
  last = NaN;
  min = NaN;
  max = NaN;
  /** The newest points, at least the tail. */
  #recent: number[] = [];

  add(step: number, value: number): void {
    this.count++;
    this.step = step;
    this.last = value;
    if (!Number.isNaN(value)) {
      this.min = Number.isNaN(this.min) ? value : Math.min(this.min, value);
      this.max = Number.isNaN(this.max) ? value : Math.max(this.max, value);
    }
    this.#recent.push(value);
    const tail = tailLength(this.count);
    if (this.#recent.length > 2 * tail + 1000) this.#recent = this.#recent.slice(-tail);
  }

  tailMean(): number {
    const tail = this.#recent.slice(-tailLength(this.count));
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
  readonly #series = new Map<string, { stage: string; declaration: MetricDeclaration; series: Series }>();

  /** Answers true when a metric was new. */
  add(
    stage: string,
    event: Pick<MetricEvent, 'step' | 'values'>,
    declarations: Readonly<Record<string, MetricDeclaration>>,
  ): boolean {
    const before = this.#series.size;
    for (const [name, value] of Object.entries(event.values))
      this.#seriesOf(stage, name, declarations).add(event.step, value);
    return this.#series.size > before;
  }

  toRecord(): Record<string, MetricSummary> {
    const summaries = [...this.#series].map(([name, { stage, declaration, series }]) => {
      const { count, step, last, min, max } = series;
      const { description, direction, unit = null } = declaration;
      const numbers = { count, step, last, min, max, tailMean: series.tailMean() };
      return [name, { stage, description, direction, unit, ...numbers }] as const;
    });
    return Object.fromEntries(summaries);
  }

  #seriesOf(
    stage: string,
    metric: string,
    declarations: Readonly<Record<string, MetricDeclaration>>,
  ): Series {
    const first = this.#series.get(metric);
    const name = first === undefined || first.stage === stage ? metric : `${stage}.${metric}`;
    const known = this.#series.get(name);
    if (known !== undefined) return known.series;
    const declared = Object.hasOwn(declarations, metric) ? declarations[metric] : undefined;
    const series = new Series();
    this.#series.set(name, { stage, declaration: recordable(declared), series });
    return series;
  }
}

const DIRECTIONS: readonly unknown[] = ['min', 'max', 'none'];

/** A declaration that a record may hold, whatever a stage's module says. */
function recordable(declared: MetricDeclaration | undefined): MetricDeclaration {
  const { description, direction, unit } = (declared ?? {}) as Readonly<Record<string, unknown>>;
  return {
    description: typeof description === 'string' ? description : '',
    direction: DIRECTIONS.includes(direction) ? (direction as MetricDeclaration['direction']) : 'none',
    ...(typeof unit === 'string' && { unit }),
  };
}
