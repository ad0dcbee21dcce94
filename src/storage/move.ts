import { lstatSync, renameSync } from 'node:fs';
import { errorCode } from './storage-failure.ts';

/**
 * Renames a file or a folder. A network file system that lost the server's reply retries and reports a missing source: the rename
 * succeeded if the target is the former source.
 */
export function move(from: string, to: string): void {
  const moved = identityOf(from);
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || moved === undefined || identityOf(to) !== moved) throw error;
  }
}

/** An inode number alone is not enough: those of removed files are reused. */
function identityOf(path: string): string | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return status && [status.dev, status.ino, status.size, status.mtimeNs].join(' ');
}
