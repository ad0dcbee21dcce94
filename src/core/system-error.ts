import { getSystemErrorMap } from 'node:util';
import { Failure } from './failure.ts';
import { printable } from './printable.ts';
import { readSafely } from './thrown.ts';

interface Explanation {
  readonly reason: string;
  /** @param elsewhere A clause that follows “or ”: `use another place`. */
  readonly hint?: (elsewhere: string) => string;
}

const permission = (elsewhere: string) =>
  `Check who owns it and its permissions (chmod, chown), or ${elsewhere}.`;
const room = (elsewhere: string) => `Free some space, or ${elsewhere}. What was written before is intact.`;

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ENOENT: {
    reason: 'it does not exist',
    hint: () => 'Check the path; it may have been removed or renamed while it was in use.',
  },
  ELOOP: { reason: 'its symbolic links lead in a circle', hint: () => 'Fix the links.' },
  ENOTDIR: { reason: 'a part of the path is a file, not a folder', hint: () => 'Check the path.' },
  EEXIST: {
    reason: 'something else of that name is in the way',
    hint: elsewhere => `Move it, or ${elsewhere}.`,
  },
  EISDIR: { reason: 'it is a folder, not a file', hint: () => 'Check the path.' },
  ENAMETOOLONG: { reason: 'the name is too long', hint: () => 'Use a shorter one.' },
  EACCES: { reason: 'permission denied', hint: permission },
  EPERM: { reason: 'operation not permitted', hint: permission },
  EROFS: {
    reason: 'the file system is read-only',
    hint: elsewhere => `Mount it for writing, or ${elsewhere}.`,
  },
  ENOSPC: { reason: 'the disk is full', hint: room },
  EDQUOT: { reason: 'the disk quota is used up', hint: room },
  EFBIG: {
    reason: 'the file-size limit is reached',
    hint: () => 'Raise the limit (ulimit -f), or use a file system that allows larger files.',
  },
  EIO: { reason: 'the device reports an input/output error', hint: () => 'Check the disk.' },
  EMFILE: { reason: 'too many files are open', hint: () => 'Raise the limit (ulimit -n).' },
};

/** Refusals of a file system that do not depend on what is written: the writer is not to blame. */
const OF_DISK = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS']);

export const isRefusalOfDisk = (error: unknown): error is NodeJS.ErrnoException =>
  OF_DISK.has(errorCode(error) ?? '');

/** An error's code, such as ENOENT; undefined for errors that are not of the operating system, Node or a library. */
export const errorCode = (error: unknown): string | undefined =>
  readSafely(
    () =>
      error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined,
    undefined,
  );

/** Advice of failures of the operating system, as a clause that follows “or ”. */
export const ANOTHER_PLACE = 'use another place';

/**
 * An error of the operating system in a user's words; undefined for anything else, which is a bug.
 * @param elsewhere How to choose another place, as a clause that follows “or ”.
 */
export function explainSystemError(
  error: unknown,
  elsewhere = ANOTHER_PLACE,
): { readonly code: string; readonly reason: string; readonly hint?: string } | undefined {
  const code = errorCode(error);
  if (code === undefined) return undefined;
  // Node itself rejects paths with a NUL character.
  if (code === 'ERR_INVALID_ARG_VALUE' && /null bytes/.test((error as Error).message))
    return { code, reason: 'a path cannot contain a NUL character' };
  const { errno } = error as NodeJS.ErrnoException;
  if (errno === undefined) return undefined;
  const { reason, hint } = EXPLANATIONS[code] ?? { reason: getSystemErrorMap().get(errno)?.[1] ?? code };
  return { code, reason, ...(hint && { hint: hint(elsewhere) }) };
}

/**
 * The same as a failure that names the path: `cannot read /x: permission denied (EACCES)`.
 * @param about The failure's code; what was tried; the path.
 */
export function systemFailure(
  error: unknown,
  about: { readonly code: string; readonly verb: 'read' | 'write'; readonly path: string },
  elsewhere?: string,
): Failure | undefined {
  const refusal = explainSystemError(error, elsewhere);
  if (refusal === undefined) return undefined;
  const { code, reason, hint } = refusal;
  return new Failure({
    code: about.code,
    message: `cannot ${about.verb} ${printable(about.path)}: ${reason} (${code})`,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
