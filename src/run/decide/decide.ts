import { Failure } from '../../core/failure.ts';
import type { Plan, PlannedStage } from '../../plan/plan.ts';
import { selectStages, type Range, type Selection } from '../../plan/select.ts';
import type { Registry } from '../../registry/index.ts';
import type { Caching, Decision, Decisions } from './decision.ts';
import { CacheDecider } from './from-cache.ts';
import { findReusable } from './from-earlier.ts';
import { resumeStopped } from './stopped-earlier.ts';

/**
 * Decisions for every stage, before an experiment is claimed: stages before `--from` are reused, those after `--to` skipped, and
 * others taken from the cache where possible.
 * @param caching Without it every selected stage runs.
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

/** Divides a plan by a range. @throws Failure, exit code 2, for an invalid range. */
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

/** Decisions for the stages before `--from`: all from the cache, or all from one earlier experiment. */
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
