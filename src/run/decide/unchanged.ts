import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { outputFiles, type CacheEntry } from '../../cache/entry.ts';
import { changedFile } from '../../cache/tree.ts';
import type { ExperimentRecord, ShownStatus, StageRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import type { Plan } from '../../plan/plan.ts';
import { hasResult, outputDir, stageRecordPath, type Registry } from '../../registry/index.ts';
import type { Decided, Decisions } from './decision.ts';

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
      reading ??= records(registry, pipeline, () => true);
      return (await reading).find(({ stages }) =>
        stages.some(each => each.id === stage && each.fingerprint !== undefined && hasResult(each)),
      );
    },
  };
}

/** The experiments of a pipeline that were stopped before their end, newest first. */
export const stoppedExperiments = (
  registry: Registry,
  pipeline: string,
): Promise<readonly ExperimentRecord[]> =>
  records(registry, pipeline, status => ['interrupted', 'failed', 'crashed'].includes(status));

async function records(
  registry: Registry,
  pipeline: string,
  isWanted: (status: ShownStatus) => boolean,
): Promise<readonly ExperimentRecord[]> {
  const { experiments } = await registry.summaries();
  const ids = experiments
    .filter(each => each.pipeline === pipeline && isWanted(each.status))
    .map(({ id }) => id)
    .slice(-LOOKED_AT)
    .reverse();
  const entries = await Promise.all(ids.map(id => registry.entry(id)));
  // One that was removed or damaged meanwhile is no reason for a run to fail.
  return entries.flatMap(entry => (entry === undefined || 'problem' in entry ? [] : [entry.record]));
}

/**
 * The finished experiment that a run would only make again: every stage comes from the cache, or only looks at experiments,
 * and in that experiment it was the same and is whole. Of one that is not whole people should know.
 */
export async function unchangedExperiment(
  plan: Plan,
  decisions: Decisions,
  registry: Registry,
  cwd: string,
): Promise<Pick<Decided, 'equals' | 'notes'>> {
  const wanted = new Map<string, string>();
  const entries = new Map<string, CacheEntry>();
  for (const [id, decision] of decisions) {
    if (decision.kind === 'skip') continue;
    if (decision.kind === 'cache-hit') {
      wanted.set(id, decision.entry.fingerprint);
      entries.set(id, decision.entry);
    } else if (decision.kind === 'run' && decision.isReport === true && decision.fingerprint)
      wanted.set(id, decision.fingerprint.fingerprint);
    else return {};
  }
  if (entries.size === 0) return {};
  const isSame = ({ stages }: ExperimentRecord) =>
    [...wanted].every(([id, fingerprint]) =>
      stages.some(
        stage =>
          stage.id === id && stage.fingerprint === fingerprint && hasSameSurroundings(stage, entries.get(id)),
      ),
    );
  let note: string | undefined;
  for (const { id } of (await records(registry, plan.pipeline.name, status => status === 'finished')).filter(
    isSame,
  )) {
    const damage = await damagedStage(id, entries, registry);
    if (damage === undefined) return { equals: id };
    const file = printable(relative(cwd, damage.file));
    note ??= `warning: ${file} is not what ${damage.stage} wrote: ${id} would be the same, but is damaged; pipe verify ${id} tells more`;
  }
  return note === undefined ? {} : { notes: [note] };
}

/** True where a stage ran on the same TensorFlow and read the same environment variables as the result in the cache. */
const hasSameSurroundings = (stage: StageRecord, entry: CacheEntry | undefined): boolean =>
  entry === undefined ||
  ((stage.backend ?? null) === entry.backend &&
    isDeepStrictEqual(stage.variables ?? {}, entry.variables ?? {}));

/** The first stage of an experiment whose files are not those of the cache; one without files of its own has them elsewhere. */
async function damagedStage(
  id: string,
  entries: ReadonlyMap<string, CacheEntry>,
  registry: Registry,
): Promise<{ readonly stage: string; readonly file: string } | undefined> {
  const dir = join(registry.dir, id);
  for (const [stage, entry] of entries) {
    const output = outputDir(dir, stage);
    const hasFiles = await hasOwnFiles(id, stage, registry);
    if (hasFiles === 'damaged') return { stage, file: stageRecordPath(dir, stage) };
    const changed = hasFiles ? await changedFile(output, outputFiles(entry)) : undefined;
    if (changed !== undefined) return { stage, file: join(output, changed) };
  }
  return undefined;
}

async function hasOwnFiles(id: string, stage: string, registry: Registry): Promise<boolean | 'damaged'> {
  try {
    return (await registry.results(id, stage)).files?.length !== 0;
  } catch (error) {
    if (error instanceof Failure) return 'damaged';
    throw error;
  }
}
