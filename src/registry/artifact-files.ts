import { readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { ExperimentRecord } from '../core/experiment.ts';
import { artifactsDir } from './paths.ts';
import { errorCode, storageFailure } from './storage-failure.ts';

type ArtifactRecord = ExperimentRecord['artifacts'][number];

/** A published file: its path relative to the experiment, with forward slashes, and its size. */
type ArtifactFile = Omit<ArtifactRecord, 'sha256'>;

/** What lies in `artifacts/<stage>/`, or in that of every stage, sorted by path. */
export function artifactFiles(dir: string, stage?: string): ArtifactFile[] {
  const root = stage === undefined ? artifactsDir(dir) : join(artifactsDir(dir), stage);
  return filesIn(dir, root).flatMap(path => {
    const status = statSync(join(dir, path), { throwIfNoEntry: false });
    if (status === undefined) return []; // replaced or removed just now
    return [{ path, stage: path.split('/')[1] ?? '', bytes: status.size }];
  });
}

/**
 * The files below a folder of an experiment, relative to the experiment, with forward slashes, sorted; none where there is no
 * folder. Links and what else is no file are left out.
 */
export function filesIn(dir: string, folder: string): string[] {
  return filesBelow(folder)
    .map(file => relative(dir, file).split(sep).join('/'))
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
