import type { Reason } from '../registry/index.ts';
import type { Leaving } from './move-experiments.ts';
import { Needs, type Obstacle } from './needs.ts';
import type { Survey, Surveyed } from './survey.ts';

/** The experiments that `pipe gc` collects; none by default. */
export interface ExperimentChoice {
  /** Failed, crashed and interrupted ones. */
  readonly failed?: boolean | undefined;
  /** Number of finished ones to keep of each pipeline, the newest; older ones are collected. */
  readonly keep?: number | undefined;
  /** Only those that ended before this time. */
  readonly before?: Date | undefined;
}

export interface Chosen {
  readonly leaving: readonly Leaving[];
  /** Selected experiments that are needed, and the reasons. */
  readonly kept: readonly Kept[];
}

export interface Kept {
  readonly id: string;
  readonly because: readonly Obstacle[];
}

/** Chooses experiments that nothing remaining needs: no tag, no child, no outputs of others. */
export function chooseExperiments(survey: Survey, choice: ExperimentChoice): Chosen {
  const experiments = [...survey.experiments.values()];
  const surplus = choice.keep === undefined ? new Set() : surplusOf(experiments, choice.keep);
  const leaving = new Map<string, Reason>();
  for (const experiment of experiments) {
    if (choice.before !== undefined && !(experiment.ended < choice.before)) continue;
    const why = surplus.has(experiment) ? 'surplus' : choice.failed === true ? stopOf(experiment) : undefined;
    if (why !== undefined) leaving.set(experiment.id, why);
  }
  const needs = new Needs(survey);
  const kept: Kept[] = [];
  for (;;) {
    // Experiments that stay may need others that were to be removed.
    const going = new Set(leaving.keys());
    const staying = [...going]
      .map(id => ({ id, because: needs.obstacles(id, going) }))
      .filter(({ because }) => because.length > 0);
    if (staying.length === 0) break;
    for (const each of staying) {
      leaving.delete(each.id);
      kept.push(each);
    }
  }
  return { leaving: [...leaving].map(([id, why]) => ({ id, why })), kept };
}

/** The status of an experiment that did not finish, as a reason to remove it. */
function stopOf({ status }: Surveyed): Reason | undefined {
  return status === 'failed' || status === 'crashed' || status === 'interrupted' ? status : undefined;
}

/** Finished experiments except the newest `keep` of each pipeline. */
function surplusOf(experiments: readonly Surveyed[], keep: number): ReadonlySet<Surveyed> {
  const newer = new Map<string | null, number>();
  return new Set(
    experiments
      .filter(({ status }) => status === 'finished')
      .toReversed()
      .filter(({ pipeline }) => {
        const count = newer.get(pipeline) ?? 0;
        newer.set(pipeline, count + 1);
        return count >= keep;
      }),
  );
}
