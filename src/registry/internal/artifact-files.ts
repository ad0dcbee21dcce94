import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentRecord } from '../../core/experiment.ts';
import { artifactsDir } from './paths.ts';
import { filesIn } from '../../storage/files-below.ts';

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
