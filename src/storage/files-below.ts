import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { errorCode, storageFailure } from './storage-failure.ts';

/**
 * The files below a folder, relative to `root`, with forward slashes, sorted; none where there is no folder. Links and other
 * things that are not files are left out.
 */
export function filesIn(root: string, folder: string): string[] {
  return filesBelow(folder)
    .map(file => relative(root, file).split(sep).join('/'))
    .sort();
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [path] : [];
    });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw storageFailure(error, 'read', folder);
  }
}
