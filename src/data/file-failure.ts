import { Failure } from '../core/failure.ts';

const reasons: Readonly<Record<string, { readonly reason: string; readonly hint: string }>> = {
  ENOENT: { reason: 'it is not there', hint: 'Check the path.' },
  ELOOP: { reason: 'its symbolic links lead in a circle', hint: 'Mend the links.' },
  ENOTDIR: { reason: 'a part of the path is a file, not a folder', hint: 'Check the path.' },
  EEXIST: { reason: 'something else of that name is in the way', hint: 'Move it, or use another place.' },
  EISDIR: { reason: 'it is a folder, not a file', hint: 'Check the path.' },
  EACCES: {
    reason: 'permission denied',
    hint: 'Give yourself permission (chmod, chown), or use another place.',
  },
  EPERM: {
    reason: 'operation not permitted',
    hint: 'Give yourself permission (chmod, chown), or use another place.',
  },
  EROFS: { reason: 'the file system is read-only', hint: 'Use another place.' },
  ENOSPC: { reason: 'the disk is full', hint: 'Free some space, then run again.' },
  EDQUOT: { reason: 'the disk quota is used up', hint: 'Free some space, then run again.' },
  EFBIG: { reason: 'the file-size limit is reached', hint: 'Raise the limit (ulimit -f), then run again.' },
  EIO: { reason: 'the device reports an input/output error', hint: 'Check the disk.' },
};

/** Whether this is an error of the operating system, such as ENOENT, with its code. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * A file operation's error in a user's words, such as `cannot read /x: permission denied`.
 * Errors that are not the operating system's are bugs, or failures already, and come back as they are.
 */
export function fileFailure(error: unknown, path: string, operation: 'read' | 'write'): Error {
  const code = systemCode(error);
  const known = code === undefined ? undefined : reasons[code];
  if (code === undefined || known === undefined)
    return error instanceof Error ? error : new Error(String(error));
  return new Failure({
    code: `cannot-${operation}`,
    message: `cannot ${operation} ${path}: ${known.reason} (${code})`,
    hint: known.hint,
    cause: error,
  });
}
