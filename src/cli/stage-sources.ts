import type { PlannedStage } from '../plan/plan.ts';

/** The sources of a stage's inputs: `dataset ← normalize, model ← build-model`. */
export function stageSources({ bindings }: PlannedStage): string {
  return Object.entries(bindings)
    .map(([input, { stage, output }]) => `${input} ← ${stage}${output === input ? '' : `.${output}`}`)
    .join(', ');
}
