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

/** Most experiments to read, newest first, for a reason to run or an equal one. */
const LOOKED_AT = 50;

export interface EarlierExperiments {
  /** The newest experiment of the pipeline in which a stage completed. */
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

/** The stopped experiments of a pipeline, newest first. */
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
  // An experiment that was removed or damaged meanwhile must not fail a run.
  return entries.flatMap(entry => (entry === undefined || 'problem' in entry ? [] : [entry.record]));
}

/**
 * The finished experiment that a run would only repeat: every stage comes from the cache or only reads experiments, and is the
 * same and intact in that experiment. A damaged one gives a note.
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
          stage.id === id && stage.fingerprint === fingerprint && hasSameConditions(stage, entries.get(id)),
      ),
    );
  let note: string | undefined;
  for (const { id } of (await records(registry, plan.pipeline.name, status => status === 'finished')).filter(
    isSame,
  )) {
    const damage = await damagedStage(id, entries, registry);
    if (damage === undefined) return { equals: id };
    const file = printable(relative(cwd, damage.file));
    note ??= `warning: ${file} is not what ${damage.stage} wrote: ${id} would be the same, but is damaged; pipe verify ${id} shows more`;
  }
  return note === undefined ? {} : { notes: [note] };
}

/** True for a stage with the same TensorFlow and environment variables as the cached result. */
const hasSameConditions = (stage: StageRecord, entry: CacheEntry | undefined): boolean =>
  entry === undefined ||
  ((stage.backend ?? null) === entry.backend &&
    isDeepStrictEqual(stage.variables ?? {}, entry.variables ?? {}));

/** The first stage of an experiment whose files differ from the cache; stages whose files are elsewhere are skipped. */
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
