import { Failure, Interrupted } from '../core/failure.ts';
import type { RunEvent } from '../run/events.ts';
import { failureDetail } from '../run/failure-detail.ts';

/** What a command failed of, for those who read events, with the exit code that follows. */
export function failedEvent(error: unknown): RunEvent & { type: 'failed' } {
  const exitCode = error instanceof Failure ? error.exitCode : error instanceof Interrupted ? 130 : 1;
  return { type: 'failed', failure: failureDetail(error), exitCode };
}

/** A mistake of the command line, as commander words it: `error: unknown option '--pogress'`, then what was meant. */
export function usageFailure(message: string): Failure {
  const [first = '', ...details] = message.split('\n');
  return new Failure({
    code: 'wrong-usage',
    exitCode: 2,
    message: first.replace(/^error: /, ''),
    details,
    hint: 'pipe --help lists the commands',
  });
}
