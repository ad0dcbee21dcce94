import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ExperimentRecord } from '../core/experiment.ts';
import { artifactsDir } from './paths.ts';
import { errorCode, storageFailure } from './storage-failure.ts';

export type ArtifactRecord = ExperimentRecord['artifacts'][number];

/** A published file: its path relative to the experiment, with forward slashes, and its size. */
export type ArtifactFile = Omit<ArtifactRecord, 'sha256'>;

/** What lies in `artifacts/<stage>/`, or in that of every stage, sorted by path. */
export function artifactFiles(dir: string, stage?: string): ArtifactFile[] {
  const root = stage === undefined ? artifactsDir(dir) : join(artifactsDir(dir), stage);
  return filesBelow(root)
    .flatMap(file => {
      const status = statSync(file, { throwIfNoEntry: false });
      if (status === undefined) return []; // replaced or removed just now
      const path = relative(dir, file).split(sep).join('/');
      return [{ path, stage: path.split('/')[1] ?? '', bytes: status.size }];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
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

/** The same with sha256, read file by file as streams. */
export async function hashArtifacts(dir: string, stage: string): Promise<ArtifactRecord[]> {
  const records: ArtifactRecord[] = [];
  for (const file of artifactFiles(dir, stage))
    records.push({ ...file, sha256: await sha256OfFile(join(dir, file.path)) });
  return records;
}

/** sha256 (hex) of a file's content. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw storageFailure(error, 'read', path);
  }
  return hash.digest('hex');
}
