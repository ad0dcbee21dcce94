import { counted } from '../../core/format.ts';
import type { StageRecord } from '../../core/experiment.ts';
import { sourcesOf, type PlannedStage } from '../../plan/plan.ts';
import type { StoredExperiment } from '../../registry/index.ts';
import { stageRecord } from '../stage-record.ts';
import { isStageEqual, type Change, type StageComparison } from './report.ts';

type Draw = NonNullable<StageRecord['unseeded']>[number];

/**
 * Likely causes for each stage that differs. Pure.
 * @param runs The run with the best record of draws comes first.
 */
export function likelyCauses(
  stages: readonly PlannedStage[],
  compared: readonly StageComparison[],
  runs: readonly StoredExperiment[],
  changes: readonly Change[],
): readonly string[] {
  const differing = new Set(
    compared.filter(stage => stage.obstacle === null && !isStageEqual(stage)).map(({ stage }) => stage),
  );
  return stages
    .filter(({ id }) => differing.has(id))
    .map(planned => {
      const { id } = planned;
      const draws = runs.map(run => stageRecord(run, id)?.unseeded).find(found => found !== undefined);
      if (draws !== undefined) return drawn(id, draws);
      const source = sourcesOf(planned).find(each => differing.has(each));
      if (source !== undefined) return `${id} follows ${source}, which differs`;
      if (changes.length > 0) return `${id} drew nothing without a seed; what changed since is below`;
      return `${id} drew nothing without a seed, and nothing that is recorded changed: it may depend on the time, on the order of files or of what runs at once, on threads, processes or the network`;
    });
}

function drawn(stage: string, draws: readonly Draw[]): string {
  const words = draws.map(({ source, calls, at }) => {
    const place = at === undefined ? '' : ` (${at})`;
    return `${source} ${counted(calls, 'time')}${place}`;
  });
  return `${stage} drew from ${words.join(', ')}, which no seed fixes: use context.seed`;
}
