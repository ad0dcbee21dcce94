import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { explainSystemError } from '../core/system-error.ts';

export { errorCode } from '../core/system-error.ts';

/**
 * What the operating system refused, as a failure that names the path and the cause. Anything that is not an error of
 * the operating system is a bug, and answered as it is.
 */
export function storageFailure(error: unknown, verb: 'read' | 'write', path: string): unknown {
  const refusal =
    error instanceof Failure
      ? undefined
      : explainSystemError(error, 'choose another place with --experiments <dir>');
  if (refusal === undefined) return error;
  const { code, reason, hint } = refusal;
  return new Failure({
    code: 'storage',
    message: `cannot ${verb} ${printable(path)}: ${reason} (${code})`,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}

/** Runs an operation on a path; what the operating system refuses becomes a failure. */
export function onStorage<T>(verb: 'read' | 'write', path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw storageFailure(error, verb, path);
  }
}
