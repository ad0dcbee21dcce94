import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { errorCode } from '../core/system-error.ts';

/**
 * The time by the clock that a file system gives its files, in milliseconds: on a network disk that of the server, which times
 * of files written by other machines are to be compared with. Where nothing can be written, this machine's own.
 * @param path Of a file that is not there; it is made and removed.
 */
export function fileTime(path: string): number {
  try {
    closeSync(openSync(path, 'wx'));
    return statSync(path).mtimeMs;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return Date.now();
  } finally {
    rmSync(path, { force: true });
  }
}
