import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NAMES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
];

/** The package manager's lockfile nearest to a folder, in it or above; undefined where there is none. */
export function nearestLockfile(folder: string): string | undefined {
  const found = NAMES.map(name => join(folder, name)).find(
    path => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
  );
  const above = dirname(folder);
  return found ?? (above === folder ? undefined : nearestLockfile(above));
}
