import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../storage/storage-failure.ts';

/** Names only what pipe makes, as a registry's folder may hold other things. */
export const REGISTRY_GITIGNORE = `# Made by pipe. Experiments are large and can be made again: git sees none of what pipe keeps here.
# To have records, settings and metrics in git all the same, add these lines at the end:
#   !/exp-*/
#   /exp-*/*
#   !/exp-*/experiment.json
#   !/exp-*/*.yaml
#   !/exp-*/metrics.jsonl
/exp-*/
/.cache/
/.index
/.numbers/
/.staging/
/.tags/
/.trash/
/sweeps/
`;

/** Writes a registry’s `.gitignore`, unless it has one. */
export function writeGitignore(registry: string): void {
  try {
    writeFileSync(join(registry, '.gitignore'), REGISTRY_GITIGNORE, { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
