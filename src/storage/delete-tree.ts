import { rmSync } from 'node:fs';
import { Failure } from '../core/failure.ts';
import { errorCode, onStorage } from './storage-failure.ts';

/** More processes than these delete the same folder only if something else is wrong. */
const TRIES = 100;

/** Deletes a file or a folder with what is in it, which other processes may be deleting as well. */
export function deleteTree(path: string): void {
  onStorage('write', path, () => {
    for (let left = TRIES; ; left--)
      try {
        rmSync(path, { recursive: true, force: true });
        return;
      } catch (error) {
        // Another process was faster somewhere in it.
        if (left === 0 || !['ENOENT', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error;
      }
  });
}

/** Deletes what it can of these; returns what went wrong, by path. */
export function deleteTrees(paths: readonly string[]): ReadonlyMap<string, Failure> {
  const failures = new Map<string, Failure>();
  for (const path of paths)
    try {
      deleteTree(path);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.set(path, error);
    }
  return failures;
}
