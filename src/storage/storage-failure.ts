import { systemFailure } from '../core/system-error.ts';

export { errorCode } from '../core/system-error.ts';

/**
 * What the operating system refused, as a failure that names the path and the cause. Anything that is not an error of
 * the operating system is a bug, and returned as it is.
 */
export function storageFailure(error: unknown, verb: 'read' | 'write', path: string): unknown {
  const about = { code: 'storage', verb, path };
  return systemFailure(error, about, 'choose another place with --experiments <dir>') ?? error;
}

/** Runs an operation on a path; what the operating system refuses becomes a failure. */
export function onStorage<T>(verb: 'read' | 'write', path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw storageFailure(error, verb, path);
  }
}
