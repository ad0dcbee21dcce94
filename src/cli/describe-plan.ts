import { printable } from '../core/printable.ts';
import { unreachable } from '../core/failure.ts';
import type { Plan } from '../plan/plan.ts';
import type { Decision, Decisions } from '../run/decide/decision.ts';
import { shownUse } from '../run/fingerprint/parameters.ts';
import { alignColumns } from '../core/align-columns.ts';
import { stageSources } from './stage-sources.ts';

/**
 * The plan of a run, a line per stage, for `--dry-run`:
 *
 *     data       load-cifar  reused from exp-3
 *     normalize              will run, normalize.range [-1,1] → [0,1]  dataset ← data
 */
export function describePlan(plan: Plan, decisions: Decisions, cwd: string): string {
  const rows = plan.stages.map(stage => [
    `  ${stage.id}`,
    stage.use === stage.id ? '' : printable(shownUse(stage, cwd)),
    printable(decisionText(decisions.get(stage.id) ?? { kind: 'run' })),
    stageSources(stage),
  ]);
  const { name, seed, file } = plan.pipeline;
  return `pipeline ${name}, seed ${seed}, from ${printable(file)}\n${alignColumns(rows)}`;
}

/** The decision on each stage with its reason, a line per stage, for `pipe status`: `train: will run, its code changed`. */
export function describeDecisions(plan: Plan, decisions: Decisions): string {
  return plan.stages
    .map(({ id }) => `${id}: ${printable(decisionText(decisions.get(id) ?? { kind: 'run' }))}\n`)
    .join('');
}

function decisionText(decision: Decision): string {
  switch (decision.kind) {
    case 'run':
      return decision.reason === undefined ? 'will run' : `will run, ${decision.reason}`;
    case 'cache-hit':
      return `reused from ${decision.entry.experiment}`;
    case 'keep':
      return 'done before';
    case 'reuse':
      return `reused from ${decision.experiment}`;
    case 'skip':
      return `skipped, ${decision.reason}`;
    default:
      return unreachable(decision);
  }
}
