import type { StepInput } from '../../core/tensorflow.ts';
import { scalarInput } from '../feed.ts';
import { averageWeight } from './average.ts';
import { penaltyWeight } from './gradient-penalty.ts';
import type { GanSettings } from './step.ts';

/** Inputs that only some settings have. A step with other inputs is a graph of its own: one without a penalty costs nothing for it. */
export function settingInputs(
  { ema, gradientPenalty }: Pick<GanSettings, 'ema' | 'gradientPenalty'>,
  iteration: number,
): Readonly<Record<string, StepInput>> {
  const penalty = gradientPenalty && penaltyWeight(gradientPenalty, iteration);
  return {
    ...(ema !== undefined && { averageWeight: scalarInput(averageWeight(ema, iteration)) }),
    ...(penalty !== undefined && { penaltyWeight: scalarInput(penalty) }),
  };
}
