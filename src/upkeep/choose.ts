import type { Reason } from '../registry/index.ts';
import type { Leaving } from './move-experiments.ts';
import { Needs, type Obstacle } from './needs.ts';
import type { Survey, Surveyed } from './survey.ts';

/** Which experiments `pipe gc` collects; none by default. */
export interface ExperimentChoice {
  /** Those that failed, crashed or were interrupted. */
  readonly failed?: boolean | undefined;
  /** Of each pipeline, finished ones other than its newest so many. */
  readonly keep?: number | undefined;
  /** Only those that ended before this. */
  readonly before?: Date | undefined;
}

export interface Chosen {
  readonly leaving: readonly Leaving[];
  /** Those that were asked for, but are needed, and by what. */
  readonly kept: readonly Kept[];
}

export interface Kept {
  readonly id: string;
  readonly because: readonly Obstacle[];
}

/** Chooses experiments that nothing needs which stays: no tag, no child, no outputs of others. */
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
    // Experiments that stay may need others that would have been removed.
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

/** How an experiment ended that did not finish. */
function stopOf({ status }: Surveyed): Reason | undefined {
  return status === 'failed' || status === 'crashed' || status === 'interrupted' ? status : undefined;
}

/** Finished experiments but the newest so many of each pipeline. */
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
