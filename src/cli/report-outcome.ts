import { Writable } from 'node:stream';
import type { Plan } from '../plan/plan.ts';
import type { RunOutcome } from '../run/execute/run.ts';
import { summarize } from '../run/summary.ts';
import { withRegistry } from './hints.ts';
import type { Io } from './io.ts';
import { printError } from './print-error.ts';

/** The text of printError, without a final newline. */
export function errorText(error: unknown, io: Io): string {
  let text = '';
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  printError(error, {
    ...io,
    emit: undefined,
    stderr: Object.assign(stderr, { isTTY: io.stderr.isTTY === true }),
  });
  return text.trimEnd();
}

/** The end of a run: what failed, and where its results are. */
export async function outcomeText(outcome: RunOutcome, plan: Plan, io: Io): Promise<string> {
  const failure = outcome.failure === null ? [] : [errorText(outcome.failure, io)];
  const lines = await summarize(outcome, plan, io.cwd);
  return [...failure, withRegistry(lines.join('\n'), io)].join('\n');
}

export const exitCodes = { finished: 0, failed: 1, interrupted: 130 } as const;
