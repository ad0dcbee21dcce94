import type { ExperimentRecord, MetricSummary } from './experiment.ts';
import type { MetricDeclaration } from './stage.ts';

/** The best value of a metric, and the first step that had it, where that was recorded. */
export interface Best {
  readonly value: number;
  readonly step?: number;
}

/** Undefined for a metric without a direction, and where every value was NaN. */
export function bestOf(
  { min, max, minStep, maxStep }: MetricSummary,
  direction: MetricDeclaration['direction'],
): Best | undefined {
  if (direction === 'none') return undefined;
  const [value, step] = direction === 'min' ? [min, minStep] : [max, maxStep];
  return Number.isNaN(value) ? undefined : { value, ...(step !== undefined && { step }) };
}

/** False for the speed of a reused stage: another run measured it. */
export function isMeasuredHere(
  { stage, measuresTime }: MetricSummary,
  { stages }: Pick<ExperimentRecord, 'stages'>,
): boolean {
  return measuresTime !== true || stages.find(({ id }) => id === stage)?.status !== 'reused';
}
