import { printable } from '../core/printable.ts';
import { unreachable } from '../core/failure.ts';
import type { Plan, PlannedStage } from '../plan/plan.ts';
import type { Decision, Decisions } from '../run/decide.ts';
import { shownUse } from '../run/parameters.ts';
import { alignColumns } from './align-columns.ts';

/**
 * What a run would do, a line per stage, for `--dry-run`:
 *
 *       data       load-cifar  reuse outputs of exp-3
 *       normalize              run                     dataset ← data
 */
export function describePlan(plan: Plan, decisions: Decisions, cwd: string): string {
  const rows = plan.stages.map(stage => [
    `  ${stage.id}`,
    stage.use === stage.id ? '' : printable(shownUse(stage, cwd)),
    deed(decisions.get(stage.id) ?? { kind: 'run' }),
    sourcesOf(stage),
  ]);
  const { name, seed, file } = plan.pipeline;
  return `pipeline ${name}, seed ${seed}, from ${printable(file)}\n${alignColumns(rows)}`;
}

function deed(decision: Decision): string {
  switch (decision.kind) {
    case 'run':
      return decision.from === undefined ? 'run' : 'go on';
    case 'keep':
      return 'done before';
    case 'reuse':
      return `reuse outputs of ${decision.experiment}`;
    case 'skip':
      return `skip: ${decision.reason}`;
    default:
      return unreachable(decision);
  }
}

/** `dataset ← normalize, model ← build-model`. */
function sourcesOf({ bindings }: PlannedStage): string {
  return Object.entries(bindings)
    .map(([input, { stage, output }]) => `${input} ← ${stage}${output === input ? '' : `.${output}`}`)
    .join(', ');
}
