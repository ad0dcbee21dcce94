import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../core/failure.ts';

/** Bytes that may be written to the disk of `path`, which need not be there yet. */
export async function freeBytes(path: string): Promise<number> {
  if (!existsSync(path) && dirname(path) !== path) return freeBytes(dirname(path));
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** How to go on without room or permission in `$PIPE_HOME`. */
const ELSEWHERE = 'put the cache elsewhere: PIPE_HOME=/some/where pipe setup';

/** The disk of `dir` has no room: `needs` says what for. */
export const noSpace = (message: string, cause?: unknown): Failure =>
  new Failure({ code: 'no-space', message, hint: `free some space, or ${ELSEWHERE}`, cause });

/** `dir` cannot be made or written to. */
export const notWritable = (dir: string, error: unknown): Failure =>
  new Failure({
    code: 'not-writable',
    message: `${dir} cannot be written to: ${error instanceof Error ? error.message : String(error)}`,
    hint: ELSEWHERE,
    cause: error,
  });

/** The failure that a system error in `dir` means to people; undefined for any other error. */
export function diskFailure(error: unknown, dir: string): Failure | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return noSpace(`The disk of ${dir} is full.`, error);
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? notWritable(dir, error) : undefined;
}
