import { relative, sep } from 'node:path';
import type { Artifact } from '../../core/artifacts.ts';
import { isInside } from '../../storage/inside.ts';

/** An artifact with its folder relative to the experiment, if it lies inside. */
export function toStored(dir: string, artifact: Artifact): Artifact {
  if (!isInside(dir, artifact.dir)) return artifact;
  return { ...artifact, dir: relative(dir, artifact.dir).split(sep).join('/') || '.' };
}
