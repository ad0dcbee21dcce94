import { isAbsolute, resolve } from 'node:path';
import type { Artifact } from '../../core/artifacts.ts';
import { definitionOf, isBuiltIn } from '../../core/artifacts/built-in.ts';
import { isWithin, namedFiles } from '../../core/artifacts/named-files.ts';
import { isInside } from '../../storage/inside.ts';

/**
 * A stored artifact with its absolute folder; undefined for what is no artifact, or leads outside. An absolute folder is taken as
 * it is: that of another experiment, or one of a user's own, in which nothing is ever written. Which files an artifact names is
 * known of built-in kinds: whoever takes one of another kind checks it by its definition.
 */
export function fromStored(dir: string, value: unknown): Artifact | undefined {
  if (!isArtifact(value)) return undefined;
  const absolute = resolve(dir, value.dir);
  return isAbsolute(value.dir) || isInside(dir, absolute) ? { ...value, dir: absolute } : undefined;
}

function isArtifact(value: unknown): value is Artifact {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, dir } = value as Partial<Artifact>;
  if (typeof dir !== 'string' || typeof kind !== 'string') return false;
  return !isBuiltIn(kind) || namedFiles(definitionOf(kind), value).every(({ path }) => isWithin(path));
}
