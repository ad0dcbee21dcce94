import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../core/failure.ts';

/** Free bytes on the disk of `path`, which need not exist yet. */
export async function freeBytes(path: string): Promise<number> {
  if (!existsSync(path) && dirname(path) !== path) return freeBytes(dirname(path));
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** The remedy for a full or read-only `$PIPE_HOME`. */
const ELSEWHERE = 'put the cache elsewhere: PIPE_HOME=/some/where pipe setup';

/** The failure for a full disk. */
export const noSpace = (message: string, cause?: unknown): Failure =>
  new Failure({ code: 'no-space', message, hint: `free some space, or ${ELSEWHERE}`, cause });

/** The failure for a folder that cannot be created or written to. */
export const notWritable = (dir: string, error: unknown): Failure =>
  new Failure({
    code: 'not-writable',
    message: `${dir} cannot be written to: ${error instanceof Error ? error.message : String(error)}`,
    hint: ELSEWHERE,
    cause: error,
  });

/** The failure for a system error of a full or read-only disk; undefined for any other error. */
export function diskFailure(error: unknown, dir: string): Failure | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return noSpace(`The disk of ${dir} is full.`, error);
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? notWritable(dir, error) : undefined;
}
