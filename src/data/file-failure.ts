import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { explainSystemError } from '../core/system-error.ts';

/** Characters of a path that a message shows. */
const SHOWN = 300;

/**
 * A file operation's error in a user's words, such as `cannot read /x: permission denied`.
 * Errors that are not the operating system's are bugs, or failures already, and come back as they are.
 */
export function fileFailure(error: unknown, path: string, operation: 'read' | 'write'): Error {
  const refusal = error instanceof Failure ? undefined : explainSystemError(error);
  if (refusal === undefined) return error instanceof Error ? error : new Error(String(error));
  const { code, reason, hint } = refusal;
  const shown = printable(path.length > SHOWN ? `${path.slice(0, SHOWN)}…` : path);
  return new Failure({
    code: `cannot-${operation}`,
    message: `cannot ${operation} ${shown}: ${reason} (${code})`,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
