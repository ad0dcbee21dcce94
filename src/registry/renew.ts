import { replaceFile, type NewPath } from './atomic.ts';
import { Ranges } from './ranges.ts';
import { withRegularFile } from './read-file.ts';
import { errorCode } from './storage-failure.ts';

/** Replaces a file by a copy: what somebody still has open is another file then. Nothing where there is none. */
export function renew(path: string, newPath: NewPath): void {
  const whole = new Ranges();
  try {
    withRegularFile(path, (_, bytes) => {
      whole.add(0, bytes);
    });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  replaceFile(path, target => whole.copy(path, target), newPath);
}
