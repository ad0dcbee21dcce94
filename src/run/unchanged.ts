import type { ExperimentRecord } from '../core/experiment.ts';
import type { Plan } from '../plan/plan.ts';
import { readEntry } from '../registry/reader.ts';
import { hasResult } from '../registry/status.ts';
import type { Registry } from '../registry/types.ts';
import type { Decisions } from './decide.ts';

/** How many experiments are read, the newest first, for one that says why a stage runs or that is the same. */
const LOOKED_AT = 50;

export interface EarlierExperiments {
  /** The newest experiment of the pipeline in which a stage gave something. */
  lastWith(stage: string): Promise<ExperimentRecord | undefined>;
}

/** A pipeline's experiments, newest first, read once and only as far as needed. */
export function earlierExperiments(registry: Registry, pipeline: string): EarlierExperiments {
  let reading: Promise<readonly ExperimentRecord[]> | undefined;
  return {
    lastWith: async stage => {
      reading ??= records(registry, pipeline, false);
      return (await reading).find(({ stages }) =>
        stages.some(each => each.id === stage && each.fingerprint !== undefined && hasResult(each)),
      );
    },
  };
}

async function records(
  registry: Registry,
  pipeline: string,
  isFinished: boolean,
): Promise<readonly ExperimentRecord[]> {
  const { experiments } = await registry.summaries();
  const ids = experiments
    .filter(each => each.pipeline === pipeline && (!isFinished || each.status === 'finished'))
    .map(({ id }) => id)
    .slice(-LOOKED_AT)
    .reverse();
  const entries = await Promise.all(ids.map(id => readEntry(registry.dir, id)));
  // One that was removed or damaged meanwhile is no reason for a run to fail.
  return entries.flatMap(entry => (entry === undefined || 'problem' in entry ? [] : [entry.record]));
}

/**
 * The finished experiment that a run would only make again: every stage comes from the cache, or only looks at experiments,
 * and in that experiment it was the same.
 */
export async function unchangedExperiment(
  plan: Plan,
  decisions: Decisions,
  registry: Registry,
): Promise<string | undefined> {
  const wanted = new Map<string, string>();
  for (const [id, decision] of decisions) {
    if (decision.kind === 'skip') continue;
    if (decision.kind === 'restore') wanted.set(id, decision.entry.fingerprint);
    else if (decision.kind === 'run' && decision.isReport === true && decision.fingerprint)
      wanted.set(id, decision.fingerprint.fingerprint);
    else return undefined;
  }
  if (![...decisions.values()].some(({ kind }) => kind === 'restore')) return undefined;
  const isSame = ({ stages }: ExperimentRecord) =>
    [...wanted].every(([id, fingerprint]) =>
      stages.some(stage => stage.id === id && stage.fingerprint === fingerprint),
    );
  return (await records(registry, plan.pipeline.name, true)).find(isSame)?.id;
}
