import type { PlannedStage } from '../plan/plan.ts';

/** Where a stage's inputs come from: `dataset ← normalize, model ← build-model`. */
export function stageSources({ bindings }: PlannedStage): string {
  return Object.entries(bindings)
    .map(([input, { stage, output }]) => `${input} ← ${stage}${output === input ? '' : `.${output}`}`)
    .join(', ');
}
