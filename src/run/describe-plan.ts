import { unreachable } from '../core/failure.ts';
import type { Plan, PlannedStage } from '../plan/plan.ts';
import { shownUse } from './parameters.ts';
import type { Decision, Decisions } from './decide.ts';

/**
 * What a run would do, a line per stage, for `--dry-run`:
 *
 *     data       load-cifar  reuse outputs of exp-3
 *     normalize  normalize   run    dataset ← data.dataset
 */
export function describePlan(plan: Plan, decisions: Decisions, cwd: string): readonly string[] {
  const rows = plan.stages.map(stage => [
    stage.id,
    shownUse(stage, cwd),
    deed(decisions.get(stage.id) ?? { kind: 'run' }),
    sources(stage),
  ]);
  const widths = [0, 1, 2].map(column => Math.max(0, ...rows.map(row => row[column]?.length ?? 0)));
  const lines = rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const { name, seed, file } = plan.pipeline;
  return [`pipeline ${name}, seed ${seed}, from ${file}`, ...lines.map(line => `  ${line.trimEnd()}`)];
}

function deed(decision: Decision): string {
  switch (decision.kind) {
    case 'run':
      return 'run';
    case 'reuse':
      return `reuse outputs of ${decision.experiment}`;
    case 'skip':
      return `skip: ${decision.reason}`;
    default:
      return unreachable(decision);
  }
}

const sources = ({ bindings }: PlannedStage): string =>
  Object.entries(bindings)
    .map(([input, { stage, output }]) => `${input} ← ${stage}.${output}`)
    .join(', ');
