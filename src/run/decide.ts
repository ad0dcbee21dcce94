import type { Artifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { Plan } from '../plan/plan.ts';
import { selectStages, type Range } from '../plan/select.ts';
import type { Registry } from '../registry/types.ts';
import { findReusable } from './reuse.ts';

/** What happens to a stage when its turn comes. */
export type Decision =
  | {
      readonly kind: 'run';
      /** The folder of the experiment in which a resumable stage left what it goes on from. */
      readonly from?: string;
    }
  /** It ended before the experiment was stopped, and stays as it is. */
  | { readonly kind: 'keep'; readonly outputs: Readonly<Record<string, Artifact>> }
  | {
      readonly kind: 'reuse';
      /** The experiment that has the outputs. */
      readonly experiment: string;
      readonly outputs: Readonly<Record<string, Artifact>>;
    }
  | { readonly kind: 'skip'; readonly reason: string };

/** By stage id; a stage that is not named runs. */
export type Decisions = ReadonlyMap<string, Decision>;

/**
 * Decides for every stage, before an experiment is claimed: those before `--from` are reused, those after `--to` skipped.
 * @throws Failure, exit code 2, when there is no such stage or nothing to reuse.
 */
export async function decideStages(plan: Plan, range: Range, registry: Registry): Promise<Decisions> {
  const selection = selectStages(plan, range);
  if (!selection.ok)
    throw new Failure({
      code: 'wrong-range',
      exitCode: 2,
      message: `${plan.pipeline.file} cannot be run in part like this`,
      problems: selection.problems,
    });
  const decisions = new Map<string, Decision>();
  if (selection.before.length > 0) {
    const { experiment, outputs } = await findReusable(plan, selection.before, registry);
    for (const { id } of selection.before)
      decisions.set(id, { kind: 'reuse', experiment, outputs: outputs.get(id) ?? {} });
  }
  for (const { id } of selection.selected) decisions.set(id, { kind: 'run' });
  for (const { id } of selection.after)
    decisions.set(id, { kind: 'skip', reason: `comes after --to ${range.to ?? ''}` });
  return decisions;
}
