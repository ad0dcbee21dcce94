import { replaceFile, type NewPath } from '../../storage/atomic.ts';
import { linesOf } from '../../storage/lines.ts';
import { Ranges } from '../../storage/ranges.ts';
import { fstatSync } from 'node:fs';
import { withRegularFile } from '../../storage/read-file.ts';
import { errorCode } from '../../storage/storage-failure.ts';

/** Bytes from which a file is checked for holes. */
const LARGE = 2 ** 30;

/**
 * Replaces a file by a copy, so that what another process has open is no longer this file. Leaves out missing files, and large
 * sparse ones, which no run writes.
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

/** The same for a file of lines, without a last line that a kill tore. */
export function renewLines(path: string, newPath: NewPath): void {
  const whole = new Ranges();
  for (const { start, end } of linesOf(path)) whole.add(start, end);
  replaceFile(
    path,
    target => {
      whole.copy(path, target);
    },
    newPath,
  );
}
