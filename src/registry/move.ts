import { lstatSync, renameSync } from 'node:fs';
import { errorCode } from './storage-failure.ts';

/**
 * Renames a file or a folder. A network file system that lost the server's reply asks again, and reports that there is
 * nothing to rename: where the target is what was to be renamed, it was done.
 */
export function move(from: string, to: string): void {
  const moved = statusOf(from);
  try {
    renameSync(from, to);
  } catch (error) {
    const there = errorCode(error) === 'ENOENT' && moved !== undefined ? statusOf(to) : undefined;
    if (there === undefined || there.ino !== moved?.ino || there.dev !== moved.dev) throw error;
  }
}

const statusOf = (path: string) => lstatSync(path, { bigint: true, throwIfNoEntry: false });
