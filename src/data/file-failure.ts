import { systemFailure } from '../core/system-error.ts';

/** Most characters of a path in a message. */
const SHOWN = 300;

/**
 * A file operation's error in a user's words, such as `cannot read /x: permission denied`. Other errors are bugs, or failures
 * already, and are returned unchanged.
 */
export function fileFailure(error: unknown, path: string, operation: 'read' | 'write'): Error {
  const shown = path.length > SHOWN ? `${path.slice(0, SHOWN)}…` : path;
  const failure = systemFailure(error, { code: `cannot-${operation}`, verb: operation, path: shown });
  return failure ?? (error instanceof Error ? error : new Error(String(error)));
}
