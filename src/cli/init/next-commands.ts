import { relative } from 'node:path';
import { shellWord } from '../../core/shell-word.ts';
import { isInstalled, OWN_NAME } from '../../host/packages.ts';
import type { Manager } from './manager.ts';
import type { Missing } from './missing.ts';

export interface Made {
  readonly cwd: string;
  /** Absolute. */
  readonly folder: string;
  readonly manager: Manager;
  readonly missing: readonly Missing[];
}

/** The next commands to run in the new project. */
export function nextCommands({ cwd, folder, manager, missing }: Made): readonly string[] {
  const way = relative(cwd, folder);
  const isNamed = !missing.some(({ what }) => what.endsWith(OWN_NAME));
  return [
    ...(way === '' ? [] : [`cd ${shellWord(way)}`]),
    ...(isNamed && !isInstalled(OWN_NAME, folder) ? [manager.install] : []),
    `${manager.execute} pipe run pipelines/first.yaml`,
  ];
}
