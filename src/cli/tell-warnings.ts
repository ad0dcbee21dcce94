import type { Plan } from '../plan/plan.ts';
import { printable } from '../core/printable.ts';
import { problemDetail } from '../run/failure-detail.ts';
import { renderProblems } from './diagnostics.ts';
import type { Io } from './io.ts';
import { colorsFor } from './terminal.ts';

/** Shows the warnings about a valid pipeline. */
export function tellWarnings({ pipeline }: Plan, { stderr, env, emit }: Io): void {
  if (emit !== undefined) {
    for (const problem of pipeline.warnings)
      emit({
        type: 'note',
        level: 'warning',
        text: printable(problem.message),
        problem: problemDetail(problem),
      });
    return;
  }
  const text = renderProblems(pipeline.warnings, colorsFor(stderr, env));
  if (text !== '') stderr.write(`${text}\n`);
}
