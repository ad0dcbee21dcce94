import type { ExperimentRecord, ShownStatus } from '../core/experiment.ts';
import { bestOf } from '../core/metric-best.ts';
import { metricName } from '../core/metric-name.ts';
import type { Objective } from './definition.ts';

/** The value of the objective in a record, which may be NaN; undefined where it was not measured. */
export function objectiveIn(
  { metrics }: Pick<ExperimentRecord, 'metrics'>,
  { metric, stage, direction, at }: Objective,
): number | undefined {
  const found = Object.entries(metrics).find(
    ([name, summary]) => summary.stage === stage && metricName(name, stage) === metric,
  );
  if (found === undefined) return undefined;
  const [, summary] = found;
  // Of a metric that was never a number there is no best value.
  return at === 'best' ? (bestOf(summary, direction)?.value ?? NaN) : summary.last;
}

/** True for an experiment that stopped at this very step of a stage. */
export function isPausedAt(
  { stages }: Pick<ExperimentRecord, 'stages'>,
  status: ShownStatus,
  { stage, step }: { readonly stage: string; readonly step: number },
): boolean {
  const paused = stages.find(({ id }) => id === stage);
  return status === 'interrupted' && paused?.status === 'interrupted' && paused.progress?.done === step;
}
