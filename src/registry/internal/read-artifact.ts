import { isAbsolute, resolve } from 'node:path';
import type { Artifact } from '../../core/artifacts.ts';
import { definitionOf, isBuiltIn } from '../../core/artifacts/built-in.ts';
import { isWithin, namedFiles } from '../../core/artifacts/named-files.ts';
import { isInside } from '../../storage/inside.ts';

/**
 * A stored artifact with its absolute folder; undefined if it is not an artifact or leads outside. A folder that is stored as
 * absolute is accepted: it belongs to another experiment or to the user, and is never written to. File names are checked for
 * built-in kinds only; users of another kind check them by its definition.
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
