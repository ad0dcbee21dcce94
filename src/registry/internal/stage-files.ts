import { writeDurably } from '../../storage/atomic.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import type { StageFiles } from '../writing.ts';
import { artifactFiles } from './artifact-files.ts';
import { linesOfStage } from './metric-lines.ts';
import { metricsPath } from './paths.ts';
import { fromStored } from './read-artifact.ts';

/** The files of an experiment's stages that the cache stores. */
export const stageFiles = (dir: string): StageFiles => ({
  artifact: stored => fromStored(dir, stored),
  published: stage => artifactFiles(dir, stage),
  copyPoints: (stage, path) => {
    const points = metricsPath(dir);
    const lines = onStorage('read', points, () => linesOfStage(dir, stage));
    writeDurably(path, target => {
      lines.copy(points, target);
    });
  },
});
