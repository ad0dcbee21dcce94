/**
 * Files that are complete or absent. Everything is synchronous: the files are small, writes happen in the order of the code, and
 * a full disk stops the caller at once.
 */
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { move } from './move.ts';
import { onStorage } from './storage-failure.ts';

/** The content of a file, or a function that writes it to the open file. */
export type Content = string | Uint8Array | ((file: number) => void);

/** Writes a new file and waits until it is on disk. Not atomic: for folders that are renamed into place as a whole. */
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

/** Waits until a folder's entries are on disk: after a rename, before relying on it. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Returns a new path on the file system of the file to replace. */
export type NewPath = () => string;

/**
 * Replaces a file: written under a temporary name, fsynced, renamed.
 * @throws Failure that names the path and the cause; the file is then unchanged.
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

/**
 * Checks that a folder exists before anything is created in it: a removed folder must not come back empty.
 * @throws Failure where it is gone.
 */
export function checkFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new Failure({
    code: 'folder-removed',
    message: `the folder ${printable(folder)} is gone: it was removed or renamed while it was being written`,
    hint: 'Run the pipeline again; leave the folder of a running experiment in place.',
  });
}
