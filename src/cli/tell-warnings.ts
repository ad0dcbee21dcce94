import type { Plan } from '../plan/plan.ts';
import { renderProblems } from './diagnostics.ts';
import type { Io } from './io.ts';
import { colorsFor } from './terminal.ts';

/** Shows what is questionable about a pipeline that runs nonetheless. */
export function tellWarnings({ pipeline }: Plan, { stderr, env }: Io): void {
  const text = renderProblems(pipeline.warnings, colorsFor(stderr, env));
  if (text !== '') stderr.write(`${text}\n`);
}
