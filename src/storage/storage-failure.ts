import { systemFailure } from '../core/system-error.ts';

export { errorCode } from '../core/system-error.ts';

/**
 * An error of the operating system as a failure that names the path and the cause. Any other error is a bug and is returned
 * unchanged.
 */
export function storageFailure(error: unknown, verb: 'read' | 'write', path: string): unknown {
  return systemFailure(error, { code: 'storage', verb, path }) ?? error;
}

/** Runs an operation on a path; errors of the operating system become failures. */
export function onStorage<T>(verb: 'read' | 'write', path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw storageFailure(error, verb, path);
  }
}
