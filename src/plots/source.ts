/** What is drawn: experiments with their points. */
import type { MetricEvent } from '../core/events.ts';
import type { ExperimentRecord, MetricSummary, ShownStatus } from '../core/experiment.ts';

/** A point of metrics.jsonl. */
export interface PlottedPoint extends Omit<MetricEvent, 'type'> {
  readonly stage: string;
}

export interface PlottedExperiment {
  /** The metrics that it names are drawn, with their declarations. */
  readonly record: ExperimentRecord;
  readonly status: ShownStatus;
  /** Read once, in order. */
  readonly points: Iterable<PlottedPoint>;
}

/** The name by which a metric's stage emits it: in a record, `<stage>.<name>` where another stage has the same one. */
export const emittedName = (name: string, { stage }: MetricSummary): string =>
  name.startsWith(`${stage}.`) ? name.slice(stage.length + 1) : name;
