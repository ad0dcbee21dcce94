import { unreachable } from '../core/failure.ts';
import { jsonText } from '../core/json-text.ts';
import type { Plan } from '../plan/plan.ts';
import type { Decided, Decision } from '../run/decide/decision.ts';

/** The decision on a stage. */
interface StageAction {
  readonly action: 'run' | 'reuse' | 'keep' | 'skip';
  /** The experiment whose outputs are reused. */
  readonly from: string | null;
  readonly reason: string | null;
}

/** The decisions of a run: `pipe status --json`, and `pipe run --dry-run --json`. */
export function planJson({ pipeline, stages }: Plan, { decisions, equals }: Decided): string {
  const { name, seed, file, warnings } = pipeline;
  return jsonText({
    pipeline: { name, seed, file },
    equals: equals ?? null,
    warnings,
    stages: stages.map(({ id, use, bindings }) => ({
      id,
      use,
      ...actionOf(decisions.get(id) ?? { kind: 'run' }),
      inputs: bindings,
    })),
  });
}

function actionOf(decision: Decision): StageAction {
  switch (decision.kind) {
    case 'run':
      return { action: 'run', from: null, reason: decision.reason ?? null };
    case 'cache-hit':
      return { action: 'reuse', from: decision.entry.experiment, reason: null };
    case 'reuse':
      return { action: 'reuse', from: decision.experiment, reason: null };
    case 'keep':
      return { action: 'keep', from: null, reason: null };
    case 'skip':
      return { action: 'skip', from: null, reason: decision.reason };
    default:
      return unreachable(decision);
  }
}
