import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './storage-failure.ts';

/** Makes a folder and its parents. Node's recursive mkdir reports “no such file” on a read-only file system. */
export function makeFolders(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') {
      makeFolders(dirname(path));
      makeFolders(path);
    } else if (code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}
