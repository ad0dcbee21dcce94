/**
 * Files that are whole or absent. Everything is synchronous: the files are small, the order of writes is the order of the
 * code, and a disk that is full stops the caller where it stands.
 */
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { move } from './move.ts';
import { onStorage } from './storage-failure.ts';

/** What a file is to hold; or what writes it to the file that is open. */
export type Content = string | Uint8Array | ((file: number) => void);

/** Writes a new file and waits until the disk has it. Not atomic: for folders that are renamed into place as a whole. */
export function writeDurably(path: string, content: Content): void {
  const file = openSync(path, 'wx');
  try {
    if (typeof content === 'function') content(file);
    else writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Waits until the disk has a folder's entries: after a rename, before relying on it. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Returns a path that nothing has yet, on the file system of what it is to replace. */
export type NewPath = () => string;

/**
 * Replaces a file: written under a temporary name, fsynced, renamed.
 * @throws Failure that names the path and the cause; the file is then what it was before.
 */
export function replaceFile(path: string, content: Content, newPath: NewPath): void {
  onStorage('write', path, () => {
    checkFolder(dirname(path));
    const temporary = newPath();
    try {
      writeDurably(temporary, content);
      move(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** Before anything is made on the way there: a folder that someone removed must not come back as an empty one. */
export function checkFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new Failure({
    code: 'folder-removed',
    message: `the folder ${printable(folder)} is gone: it was removed or renamed while it was being written`,
    hint: 'Run the pipeline again; leave the folder of a running experiment in place.',
  });
}
