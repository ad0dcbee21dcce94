import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../storage/atomic.ts';
import { stagingFolder, stagingPath } from '../../storage/staging.ts';
import type { Picture } from '../stored.ts';
import { experimentDir } from './ids.ts';
import { PICTURE } from './paths.ts';

/** The picture of an experiment's metrics; undefined where there is none. */
export function pictureIn(dir: string): Picture | undefined {
  const status = statSync(join(dir, PICTURE), { throwIfNoEntry: false });
  return status?.isFile() ? { path: PICTURE, bytes: status.size } : undefined;
}

/** Writes it or replaces it as a whole. @throws Failure, also where the experiment is gone. */
export function keepPicture(registry: string, id: string, svg: string): void {
  const staging = stagingFolder(registry);
  try {
    replaceFile(join(experimentDir(registry, id), PICTURE), svg, () => stagingPath(staging));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
