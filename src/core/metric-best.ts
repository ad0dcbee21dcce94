import type { Interval } from './interval.ts';
import type { ExperimentRecord, MetricSummary } from './experiment.ts';
import type { MetricDeclaration } from './stage.ts';

/** The best value of a metric, the first step that had it, where that was recorded, and its 95 % interval, where it has one. */
export interface Best {
  readonly value: number;
  readonly step?: number;
  readonly interval?: Interval;
}

/** Undefined for a metric without a direction, and where every value was NaN. */
export function bestOf(
  { min, max, minStep, maxStep, minInterval, maxInterval }: MetricSummary,
  direction: MetricDeclaration['direction'],
): Best | undefined {
  if (direction === 'none') return undefined;
  const [value, step, interval] =
    direction === 'min' ? [min, minStep, minInterval] : [max, maxStep, maxInterval];
  if (Number.isNaN(value)) return undefined;
  return { value, ...(step !== undefined && { step }), ...(interval !== undefined && { interval }) };
}

/** False for the speed of a reused stage: another run measured it. */
export function isMeasuredHere(
  { stage, measuresTime }: MetricSummary,
  { stages }: Pick<ExperimentRecord, 'stages'>,
): boolean {
  return measuresTime !== true || stages.find(({ id }) => id === stage)?.status !== 'reused';
}
