/**
 * Space that an experiment holds while it is written: with what it gives back, a full disk does not keep its end and the
 * reason from being recorded.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../storage/make-folders.ts';

/** Enough for the record of a thousand files. */
const BYTES = 256 * 1024;

const reservePath = (staging: string): string => join(staging, 'reserve');

/** Takes the space. Its content is random, since some file systems keep zeros in no space at all. */
export function reserveSpace(staging: string): void {
  makeFolders(staging);
  writeFileSync(reservePath(staging), randomBytes(BYTES));
}

export function giveSpaceBack(staging: string): void {
  rmSync(reservePath(staging), { force: true });
}
