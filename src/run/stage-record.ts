import type { ExperimentRecord, StageRecord } from '../core/experiment.ts';

/** The record of one stage; undefined where the experiment has no such stage. */
export const stageRecord = (
  { record }: { readonly record: Pick<ExperimentRecord, 'stages'> },
  id: string,
): StageRecord | undefined => record.stages.find(stage => stage.id === id);
