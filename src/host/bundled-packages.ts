import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeDir, isBuilt } from './paths.ts';

let versions: Readonly<Record<string, string>> | undefined;

/** Versions of the packages bundled with pipe; none where it runs from its source, as in its tests. */
export function bundledPackages(): Readonly<Record<string, string>> {
  if (!isBuilt) return {};
  versions ??= JSON.parse(readFileSync(join(codeDir, 'packages.json'), 'utf8')) as Record<string, string>;
  return versions;
}
