/** What is drawn: experiments with their points. */
import type { MetricEvent } from '../core/events.ts';
import type { ExperimentRecord, ShownStatus } from '../core/experiment.ts';

/** A point of metrics.jsonl. */
export interface PlottedPoint extends Omit<MetricEvent, 'type'> {
  readonly stage: string;
}

export interface PlottedExperiment {
  /** The metrics that it names are drawn, with their declarations. */
  readonly record: ExperimentRecord;
  readonly status: ShownStatus;
  /** Read once, in order. */
  readonly points: Iterable<{ readonly point: PlottedPoint }>;
}
