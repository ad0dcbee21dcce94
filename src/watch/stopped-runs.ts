import { StageCache } from '../cache/cache.ts';
import type { ExperimentRecord, StageRecord } from '../core/experiment.ts';
import { filesIn } from '../storage/files-below.ts';
import { hasResult, openRegistry, outputDir, type StoredExperiment } from '../registry/index.ts';
import type { EndedRun } from './child-run.ts';
import type { WatchedPipeline } from './pipeline.ts';
import * as words from './words.ts';

/**
 * Moves an experiment to the trash, unless a tag or another experiment needs it. Returns the command that restores it; undefined
 * where it stays.
 */
export type Discard = (registry: string, id: string) => Promise<string | undefined>;

interface StoppedRun {
  readonly registry: string;
  readonly id: string;
  /** Ids of its resumable stages. */
  readonly resumable: ReadonlySet<string>;
  readonly firstCheckpoint: string | undefined;
}

/**
 * Runs stopped by edits. The experiment of such a run goes to the trash once nothing in it is worth keeping: finished stages are
 * in the cache, and the stopped one left no checkpoint, or the next run resumed from it, or restarted the stage where the only
 * checkpoint was that of the stop.
 */
export class StoppedRuns {
  readonly #discard: Discard;
  #runs: readonly StoppedRun[] = [];

  constructor(discard: Discard) {
    this.#discard = discard;
  }

  /** Checks all stopped runs after a run has ended. Returns a line for each experiment moved to the trash. */
  async tidy(
    { experiment, firstCheckpoint }: EndedRun,
    pipeline: WatchedPipeline,
    byEdit: boolean,
  ): Promise<readonly string[]> {
    if (experiment === undefined) return [];
    const { registry, id } = experiment;
    const entry = await openRegistry(registry).entry(id);
    if (entry === undefined || 'problem' in entry) return [];
    const resumable = new Set(pipeline.stages.filter(stage => stage.isResumable).map(stage => stage.id));
    const earlier = this.#runs;
    const runs = byEdit ? [...earlier, { registry, id, resumable, firstCheckpoint }] : earlier;
    const lines: string[] = [];
    this.#runs = [];
    for (const run of runs) {
      const why = await whyNeedless(run, run.id === id ? undefined : entry);
      if (why === undefined) {
        this.#runs = [...this.#runs, run];
        continue;
      }
      const command = await this.#discard(run.registry, run.id);
      if (command !== undefined) lines.push(words.tidied(run.id, why, command));
    }
    return lines;
  }
}

/** Why an experiment is no longer needed; undefined where it is. @param newer The experiment that ran since. */
async function whyNeedless(
  run: StoppedRun,
  newer: StoredExperiment | undefined,
): Promise<string | undefined> {
  const entry = await openRegistry(run.registry).entry(run.id);
  if (entry === undefined || 'problem' in entry || entry.status !== 'interrupted') return undefined;
  const cache = new StageCache(run.registry);
  let why = words.hasNothing;
  for (const stage of entry.record.stages) {
    if (stage.status === 'pending' || stage.status === 'skipped') continue;
    if (hasResult(stage)) {
      const kept = stage.fingerprint === undefined ? undefined : await cache.find(stage.fingerprint);
      if (kept === undefined || 'damaged' in kept) return undefined;
    } else if (stage.status !== 'interrupted') return undefined;
    else if (run.resumable.has(stage.id) && filesIn(entry.dir, outputDir(entry.dir, stage.id)).length > 0) {
      const reason = newer && whySuperseded(stage, run, newer.record);
      if (reason === undefined) return undefined;
      why = reason;
    }
  }
  return why;
}

function whySuperseded(
  { id, resumedFrom }: StageRecord,
  run: StoppedRun,
  newer: ExperimentRecord,
): string | undefined {
  const next = newer.stages.find(stage => stage.id === id);
  const hasRun = hasResult(next) || next?.status === 'interrupted';
  if (hasRun && next?.resumedFrom === run.id) return words.isTakenOver(newer.id);
  const isFirst = run.firstCheckpoint === id && resumedFrom === undefined;
  return hasRun && isFirst ? words.hasBarelyBegun : undefined;
}
