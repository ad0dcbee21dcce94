/**
 * Disk space reserved while an experiment is written: releasing it leaves room to record the end and the reason on a full disk.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../storage/make-folders.ts';

/** Enough for the record of a thousand files. */
const BYTES = 256 * 1024;

const reservePath = (staging: string): string => join(staging, 'reserve');

/** Reserves the space, with random content: some file systems store zeros in no space. */
export function reserveSpace(staging: string): void {
  makeFolders(staging);
  writeFileSync(reservePath(staging), randomBytes(BYTES));
}

export function releaseSpace(staging: string): void {
  rmSync(reservePath(staging), { force: true });
}
