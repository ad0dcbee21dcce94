import type { Artifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { CacheEntry } from '../cache/entry.ts';
import type { Plan } from '../plan/plan.ts';
import { selectStages, type Range } from '../plan/select.ts';
import type { Registry } from '../registry/types.ts';
import { CacheDecider, type Caching } from './decide-cached.ts';
import type { StageFingerprint } from './fingerprints.ts';
import { findReusable } from './reuse.ts';

/** What happens to a stage when its turn comes. */
export type Decision =
  /** It ended before the experiment was stopped, and stays as it is. */
  | { readonly kind: 'keep'; readonly outputs: Readonly<Record<string, Artifact>> }
  | {
      readonly kind: 'run';
      /** The folder of the experiment in which a resumable stage left what it goes on from. */
      readonly from?: string;
      /** Why, in words that go on from “will run, ”. */
      readonly reason?: string;
      /** What people should know beforehand, such as a damaged file. */
      readonly warning?: string;
      /** Absent where it is not known what the outputs depend on. */
      readonly fingerprint?: StageFingerprint;
      /** Whether the outputs go to the cache, in place of what is there. */
      readonly keep?: 'add' | 'replace';
      /** True where it only looks at experiments, and everything that it follows is as it was. */
      readonly isReport?: boolean;
    }
  | {
      /** Its outputs are in the cache. */
      readonly kind: 'restore';
      readonly entry: CacheEntry;
      /** What it would have read. */
      readonly data: StageFingerprint['data'];
    }
  | {
      /** Asked for by `--from`, though perhaps not by the same code. */
      readonly kind: 'reuse';
      /** The experiment that has the outputs. */
      readonly experiment: string;
      readonly outputs: Readonly<Record<string, Artifact>>;
    }
  | { readonly kind: 'skip'; readonly reason: string };

/** By stage id; a stage that is not named runs. */
export type Decisions = ReadonlyMap<string, Decision>;

/**
 * Decides for every stage, before an experiment is claimed: those before `--from` are reused, those after `--to` skipped, and
 * of the others those that the cache has are taken from there.
 * @param caching Without it every stage that is asked for runs.
 * @throws Failure, exit code 2, when there is no such stage or nothing to reuse.
 */
export async function decideStages(
  plan: Plan,
  range: Range,
  registry: Registry,
  caching?: Caching,
): Promise<Decisions> {
  const selection = selectStages(plan, range);
  if (!selection.ok)
    throw new Failure({
      code: 'wrong-range',
      exitCode: 2,
      message: `${plan.pipeline.file} cannot be run in part like this`,
      problems: selection.problems,
    });
  const cached = caching && (await CacheDecider.open(plan, registry, caching));
  const decisions = new Map<string, Decision>();
  const { before, selected, after } = selection;
  const kept = (await cached?.restoreAll(before)) ?? null;
  if (kept !== null) for (const [id, decision] of kept) decisions.set(id, decision);
  else if (before.length > 0) {
    const { experiment, outputs } = await findReusable(plan, before, registry);
    for (const { id } of before)
      decisions.set(id, { kind: 'reuse', experiment, outputs: outputs.get(id) ?? {} });
  }
  for (const stage of selected) {
    const forced = range.from === undefined ? undefined : `from ${range.from} on`;
    decisions.set(stage.id, (await cached?.decide(stage, decisions, forced)) ?? { kind: 'run' });
  }
  for (const { id } of after)
    decisions.set(id, { kind: 'skip', reason: `comes after --to ${range.to ?? ''}` });
  return decisions;
}
