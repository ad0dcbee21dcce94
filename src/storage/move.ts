import { lstatSync, renameSync } from 'node:fs';
import { errorCode } from './storage-failure.ts';

/**
 * Renames a file or a folder. A network file system that lost the server's reply asks again, and reports that there is
 * nothing to rename: where the target is what was to be renamed, it was done.
 */
export function move(from: string, to: string): void {
  const moved = identityOf(from);
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || moved === undefined || identityOf(to) !== moved) throw error;
  }
}

/** The number of an inode alone does not do: that of a file which was removed is given to the next one. */
function identityOf(path: string): string | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return status && [status.dev, status.ino, status.size, status.mtimeNs].join(' ');
}
