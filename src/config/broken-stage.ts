import type { Problem } from '../core/failure.ts';
import { isThrown, readSafely } from '../core/thrown.ts';
import { describeThrown } from '../host/thrown.ts';

/** The problem for an error of a stage's own code outside of `run`, located in its file where the stack allows. */
export function brokenStage(thrown: unknown, what: string, cwd: string): Problem {
  const { message, location, details } = describeThrown(thrown, cwd);
  const name = isThrown(thrown, Error) ? `${readSafely(() => thrown.name, 'Error')}: ` : '';
  return {
    code: 'broken-stage',
    message: [`${what}: ${name}${message}`, ...details].join('; '),
    ...(location && { location }),
  };
}
