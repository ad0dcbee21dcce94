import { replaceFile, type NewPath } from '../../storage/atomic.ts';
import { Ranges } from '../../storage/ranges.ts';
import { fstatSync } from 'node:fs';
import { withRegularFile } from '../../storage/read-file.ts';
import { errorCode } from '../../storage/storage-failure.ts';

/** Bytes. */
const LARGE = 2 ** 30;

/**
 * Replaces a file by a copy: what somebody still has open is another file then. Nothing where there is none, or a large one that
 * is mostly holes, which no run writes.
 */
export function renew(path: string, newPath: NewPath): void {
  const whole = new Ranges();
  try {
    withRegularFile(path, (file, bytes) => {
      if (bytes < LARGE || fstatSync(file).blocks * 512 > bytes / 20) whole.add(0, bytes);
    });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (whole.bytes === 0) return;
  replaceFile(path, target => whole.copy(path, target), newPath);
}
