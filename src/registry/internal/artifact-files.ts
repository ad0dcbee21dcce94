import { statSync } from 'node:fs';
import { join } from 'node:path';
import { artifactsDir } from './paths.ts';
import { filesIn } from '../../storage/files-below.ts';
import type { PublishedFile } from '../stored.ts';

/** Files in `artifacts/<stage>/`, or in that of every stage, sorted by path. */
export function artifactFiles(dir: string, stage?: string): PublishedFile[] {
  const root = stage === undefined ? artifactsDir(dir) : join(artifactsDir(dir), stage);
  return filesIn(dir, root).flatMap(path => {
    const status = statSync(join(dir, path), { throwIfNoEntry: false });
    if (status === undefined) return []; // replaced or removed meanwhile
    return [{ path, stage: path.split('/')[1] ?? '', bytes: status.size }];
  });
}
