import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { shellWord } from '../shell-word.ts';
import type { Manager } from './manager.ts';
import type { Missing } from './missing.ts';
import { OWN_NAME } from './project-files.ts';

export interface Made {
  readonly cwd: string;
  /** Absolute. */
  readonly folder: string;
  readonly manager: Manager;
  readonly missing: readonly Missing[];
}

/** What to type to see the new project run. */
export function nextCommands({ cwd, folder, manager, missing }: Made): readonly string[] {
  const way = relative(cwd, folder);
  const isNamed = !missing.some(({ what }) => what.endsWith(OWN_NAME));
  return [
    ...(way === '' ? [] : [`cd ${shellWord(way)}`]),
    ...(isNamed && !isInstalled(folder) ? [manager.install] : []),
    `${manager.execute} pipe run pipelines/first.yaml`,
  ];
}

/** Whether Node finds this package from a folder. */
function isInstalled(folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', OWN_NAME, 'package.json'))) return true;
  const parent = dirname(folder);
  return parent !== resolve(folder) && isInstalled(parent);
}
