import type { Artifact } from '../../core/artifacts.ts';
import type { StageRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import type { CacheEntry } from '../../cache/entry.ts';
import type { Plan, PlannedStage } from '../../plan/plan.ts';
import { selectStages, type Range, type Selection } from '../../plan/select.ts';
import type { Registry } from '../../registry/index.ts';
import { CacheDecider, type Caching } from './from-cache.ts';
import type { StageFingerprint } from '../fingerprint/fingerprints.ts';
import { findReusable } from './from-earlier.ts';
import { resumeStopped } from './stopped-earlier.ts';

/** What happens to a stage when its turn comes. */
export type Decision =
  /** It ended before the experiment was stopped, and stays as it is. */
  | {
      readonly kind: 'keep';
      readonly outputs: Readonly<Record<string, Artifact>>;
      /** Absent where a run would not give the same by now. */
      readonly fingerprint?: StageFingerprint;
    }
  | {
      readonly kind: 'run';
      /** The experiment's folder in which a resumable stage left what it goes on from. */
      readonly from?: string;
      /** Why, in words that go on from “will run, ”. */
      readonly reason?: string;
      /** Why it cannot run, as far as its data tells beforehand. */
      readonly wrongData?: Failure;
      /** What people should know beforehand, such as a damaged file. */
      readonly warning?: string;
      /** Absent where it is not known what the outputs depend on. */
      readonly fingerprint?: StageFingerprint;
      /** Whether the outputs go to the cache, in place of what is there. */
      readonly keep?: 'add' | 'replace';
      /** Environment variables that it had read when it left what it resumes from. */
      readonly variables?: StageRecord['variables'];
      /** True where it only looks at experiments, and everything that it follows is as it was. */
      readonly isReport?: boolean;
    }
  | {
      /** Its outputs are in the cache. */
      readonly kind: 'cache-hit';
      readonly entry: CacheEntry;
      /** What it would have read. */
      readonly data: StageFingerprint['data'];
      readonly covered: StageFingerprint['covered'];
    }
  | {
      /** Asked for by `--from`, though perhaps not by the same code. */
      readonly kind: 'reuse';
      /** The experiment that has the outputs. */
      readonly experiment: string;
      readonly outputs: Readonly<Record<string, Artifact>>;
      /** Absent where it is not known to be the same as what a run would give. */
      readonly fingerprint?: StageFingerprint;
      readonly backend?: string | undefined;
      readonly variables?: StageRecord['variables'];
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
  const { before, selected, after } = partsOf(plan, range);
  const cached = caching && (await CacheDecider.open(plan, registry, caching));
  const decisions = new Map(await decideBefore(plan, before, registry, cached));
  for (const stage of selected) {
    const forced = range.from === undefined ? undefined : `from ${range.from} on`;
    const decision = (await cached?.decide(stage, decisions, forced)) ?? ({ kind: 'run' } as const);
    decisions.set(
      stage.id,
      caching ? await resumeStopped(stage, decision, plan.pipeline.name, registry, caching) : decision,
    );
  }
  for (const { id } of after) decisions.set(id, skippedAfter(range));
  return decisions;
}

/** Divides a plan. @throws Failure, exit code 2, when it cannot be divided so. */
export function partsOf(plan: Plan, range: Range): Selection & { readonly ok: true } {
  const selection = selectStages(plan, range);
  if (selection.ok) return selection;
  throw new Failure({
    code: 'wrong-range',
    exitCode: 2,
    message: `${plan.pipeline.file} cannot be run in part like this`,
    problems: selection.problems,
  });
}

/** What becomes of the stages before `--from`: all from the cache, or all from one earlier experiment. */
export async function decideBefore(
  plan: Plan,
  before: readonly PlannedStage[],
  registry: Registry,
  cached: CacheDecider | undefined,
): Promise<Decisions> {
  const restored = (await cached?.restoreAll(before)) ?? null;
  if (restored !== null || before.length === 0) return restored ?? new Map();
  const { experiment, outputs } = await findReusable(plan, before, registry);
  return new Map(
    before.map(({ id }) => [id, { kind: 'reuse', experiment, outputs: outputs.get(id) ?? {} }] as const),
  );
}

export const skippedAfter = ({ to = '' }: Range): Decision & { kind: 'skip' } => ({
  kind: 'skip',
  reason: `comes after --to ${to}`,
});
