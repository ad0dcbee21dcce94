import { Failure, Interrupted } from '../core/failure.ts';
import type { RunEvent } from '../run/events.ts';
import { failureDetail } from '../run/failure-detail.ts';

/** The failure of a command as an event, with its exit code. */
export function failedEvent(error: unknown): RunEvent & { type: 'failed' } {
  const exitCode = error instanceof Failure ? error.exitCode : error instanceof Interrupted ? 130 : 1;
  return { type: 'failed', failure: failureDetail(error), exitCode };
}

/** A mistake on the command line as commander reports it, `error: unknown option '--pogress'`, with its suggestion. */
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
