/**
 * `experiments/.numbers/exp-N`: an empty file for each number in use, ever. It is created with O_EXCL, so that one process gets
 * each number, and outlives the experiment, so that no number is reused.
 */
import { closeSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { experimentId, experimentNumber } from './ids.ts';
import { makeFolders } from '../../storage/make-folders.ts';
import { namesIn } from '../../storage/names-in.ts';
import { errorCode } from '../../storage/storage-failure.ts';

const folderOf = (registry: string): string => join(registry, '.numbers');

/** The highest number in use, ever; 0 where there is none. */
export function highestNumber(registry: string): number {
  return [registry, folderOf(registry)]
    .flatMap(namesIn)
    .reduce((highest, name) => Math.max(highest, experimentNumber(name) ?? 0), 0);
}

/** Reserves a number permanently; false when it was reserved before. */
export const reserveNumber = (registry: string, number: number): boolean =>
  reserveName(registry, experimentId(number));

/** Reserves a name permanently, such as `exp-3` or `sweep-1`; false when it was reserved before. */
export function reserveName(registry: string, name: string): boolean {
  makeFolders(folderOf(registry));
  try {
    closeSync(openSync(join(folderOf(registry), name), 'wx'));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** True for an id in use, ever, whether its experiment still exists or not. */
export const wasGiven = (registry: string, id: string): boolean =>
  statSync(join(folderOf(registry), id), { throwIfNoEntry: false }) !== undefined;
