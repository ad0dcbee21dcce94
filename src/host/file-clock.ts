import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { errorCode } from '../core/system-error.ts';

/**
 * The current time in milliseconds by the clock of a file system: on a network disk the server's, which files written by other
 * machines are compared with. This machine's own where the file system cannot be written.
 * @param path A new path, at which a file is created and removed.
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
