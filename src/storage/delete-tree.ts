import { rmSync } from 'node:fs';
import { Failure } from '../core/failure.ts';
import { errorCode, onStorage } from './storage-failure.ts';

/** Most retries. Each one takes another process that deletes the same folder. */
const TRIES = 100;

/** Deletes a file or a folder with its contents, which other processes may be deleting as well. */
export function deleteTree(path: string): void {
  onStorage('write', path, () => {
    for (let left = TRIES; ; left--)
      try {
        rmSync(path, { recursive: true, force: true });
        return;
      } catch (error) {
        // Another process was faster within it.
        if (left === 0 || !['ENOENT', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error;
      }
  });
}

/** Deletes as many paths as possible; returns the failures by path. */
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
