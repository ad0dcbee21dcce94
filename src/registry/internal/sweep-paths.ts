import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { nearest } from '../../core/nearest.ts';
import { printable } from '../../core/printable.ts';
import { namesIn } from '../../storage/names-in.ts';
import { onStorage } from '../../storage/storage-failure.ts';

const FOLDER = 'sweeps';
export const DEFINITION = 'sweep.json';
export const TEXT = 'sweep.yaml';
export const JOURNAL = 'journal.jsonl';

const ID = /^sweep-([1-9][0-9]{0,14})$/;

export const sweepNumber = (name: string): number => Number(ID.exec(name)?.[1] ?? 0);

export const sweepsDir = (registry: string): string => join(registry, FOLDER);

/** True for a folder with all files of a sweep. */
const isSweep = (registry: string, id: string): boolean =>
  ID.test(id) && [DEFINITION, TEXT, JOURNAL].every(name => existsSync(join(sweepsDir(registry), id, name)));

export const sweepIds = (registry: string): string[] =>
  onStorage('read', sweepsDir(registry), () =>
    namesIn(sweepsDir(registry))
      .filter(name => isSweep(registry, name))
      .sort((a, b) => sweepNumber(a) - sweepNumber(b)),
  );

/** @throws Failure for a sweep that does not exist, or a name that could lead anywhere. */
export function sweepDir(registry: string, id: string): string {
  const dir = join(sweepsDir(registry), id);
  if (isSweep(registry, id)) return dir;
  const ids = sweepIds(registry);
  const meant = nearest(id, ids);
  throw new Failure({
    code: 'unknown-sweep',
    exitCode: 2,
    message: `there is no sweep ${printable(id.slice(0, 80))} in ${printable(registry)}`,
    details:
      ids.length === 0
        ? ['It has no sweeps yet: pipe sweep <file> makes the first.']
        : [`There ${ids.length === 1 ? 'is' : 'are'} ${ids.join(', ')}.`],
    ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
  });
}
