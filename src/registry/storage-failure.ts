import { getSystemErrorMap } from 'node:util';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC:
    'Free some space, or choose another place with --experiments <dir>. What was written before is intact.',
  EDQUOT: 'Your disk quota is used up: free some space, or choose another place with --experiments <dir>.',
  EFBIG: 'A file-size limit was reached (ulimit -f), or the file system allows no larger file.',
  EACCES: 'Check who owns the folder and its permissions, or choose another place with --experiments <dir>.',
  EPERM: 'Check who owns the folder and its permissions, or choose another place with --experiments <dir>.',
  EROFS: 'The file system is mounted read-only: choose another place with --experiments <dir>.',
  ENOENT: 'The folder was removed or renamed while it was in use.',
  EMFILE: 'Too many open files: raise the limit (ulimit -n).',
};

export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;

/**
 * What the operating system refused, as a failure that names the path and the cause. Anything that is not an error of
 * the operating system is a bug, and answered as it is.
 */
export function storageFailure(error: unknown, verb: 'read' | 'write', path: string): unknown {
  const code = errorCode(error);
  const { errno } = error as NodeJS.ErrnoException;
  if (error instanceof Failure || code === undefined || errno === undefined) return error;
  const cause = getSystemErrorMap().get(errno)?.[1] ?? code;
  const hint = HINTS[code];
  return new Failure({
    code: 'storage',
    message: `cannot ${verb} ${printable(path)}: ${cause} (${code})`,
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
