import { oneOf } from '../config/problems.ts';
import type { Problem } from '../core/failure.ts';
import { nearest } from '../core/nearest.ts';
import type { Plan, PlannedStage } from './plan.ts';

/** The part of a plan to run; both ends are included and by default the plan's. */
export interface Range {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export type Selection =
  | {
      readonly ok: true;
      readonly before: readonly PlannedStage[];
      readonly selected: readonly PlannedStage[];
      readonly after: readonly PlannedStage[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Divides a plan for `--from` and `--to`. Pure. */
export function selectStages({ stages }: Pick<Plan, 'stages'>, { from, to }: Range): Selection {
  const ids = stages.map(({ id }) => id);
  const problems = [unknownId('--from', from, ids), unknownId('--to', to, ids)].flat();
  if (problems.length > 0) return { ok: false, problems };
  const first = from === undefined ? 0 : ids.indexOf(from);
  const last = to === undefined ? ids.length - 1 : ids.indexOf(to);
  if (first > last) return { ok: false, problems: [wrongOrder(String(from), String(to), ids)] };
  return {
    ok: true,
    before: stages.slice(0, first),
    selected: stages.slice(first, last + 1),
    after: stages.slice(last + 1),
  };
}

function unknownId(option: string, id: string | undefined, ids: readonly string[]): readonly Problem[] {
  if (id === undefined || ids.includes(id)) return [];
  const suggestion = nearest(id, ids);
  return [
    {
      code: 'unknown-stage-id',
      message: `${option} names an unknown stage "${id}"`,
      expected: oneOf(ids),
      ...(suggestion !== undefined && { suggestion }),
    },
  ];
}

const wrongOrder = (from: string, to: string, ids: readonly string[]): Problem => ({
  code: 'wrong-range',
  message: `--from ${from} comes after --to ${to}`,
  expected: `stages in the order ${ids.join(', ')}`,
});
