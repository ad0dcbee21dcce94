import { constants, copyFileSync, linkSync, lstatSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { makeFolders } from './make-folders.ts';
import { isInside } from './inside.ts';
import type { NewPath } from './atomic.ts';
import { move } from './move.ts';
import { errorCode, onStorage } from './storage-failure.ts';

/** Error codes of failed hard links where a copy may work. */
export const NO_LINK = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES']);

export interface Publication {
  /** The stage's output folder, absolute. */
  readonly output: string;
  /** A file or folder in it, relative. */
  readonly path: string;
  /** The folder in which it appears under the same path. */
  readonly target: string;
  readonly newPath: NewPath;
  /** Called before each file appears; an error ends the publication. */
  readonly onFile?: () => void;
}

/**
 * Makes a stage's file, or every file of a folder, appear in `target` as a hard link, or as a copy where links fail. Each file
 * appears complete and replaces an earlier publication.
 * @throws Failure when the path leads out of the output folder or names nothing.
 */
export function publish(publication: Publication): void {
  const { output, path, target } = publication;
  const source = resolve(output, path);
  if (path === '' || path.includes('\0') || !isInside(output, source)) throw outside(path);
  onStorage('write', target, () => publishAny(source, resolve(target, path), publication));
}

function publishAny(source: string, destination: string, publication: Publication): void {
  const kind = lstatSync(source, { throwIfNoEntry: false });
  if (kind === undefined) throw missing(publication);
  if (kind.isDirectory()) {
    makeFolders(destination);
    for (const name of readdirSync(source))
      publishAny(join(source, name), join(destination, name), publication);
    return;
  }
  const real = realpathSync(source);
  if (!lstatSync(real).isFile()) throw notAFile(publication);
  if (!isInside(realpathSync(publication.output), real)) throw outside(publication.path);
  publication.onFile?.();
  publishFile(real, destination, publication.newPath);
}

function publishFile(source: string, destination: string, newPath: NewPath): void {
  makeFolders(dirname(destination));
  const temporary = newPath();
  try {
    linkOrCopy(source, temporary);
    move(temporary, destination);
  } finally {
    // Renaming a hard link onto another one of the same file leaves both.
    rmSync(temporary, { force: true });
  }
}

/** A hard link, which takes no space; where it fails, a copy, by reference where possible. */
export function linkOrCopy(source: string, destination: string): void {
  try {
    linkSync(source, destination);
  } catch (error) {
    if (!NO_LINK.has(errorCode(error) ?? '')) throw error;
    copyFileSync(source, destination, constants.COPYFILE_FICLONE);
  }
}

function outside(path: string): Failure {
  return new Failure({
    code: 'publish-outside',
    message: `cannot publish "${printable(path)}": it is not inside the stage's output folder`,
    hint: 'Publish files and folders below context.outputDir, by their path relative to it.',
  });
}

const notAFile = ({ path }: Publication): Failure =>
  new Failure({
    code: 'publish-not-a-file',
    message: `cannot publish "${printable(path)}": it is neither a file nor a folder`,
    hint: 'Publish files and folders below context.outputDir.',
  });

function missing({ path, output }: Publication): Failure {
  return new Failure({
    code: 'publish-missing',
    message: `cannot publish "${printable(path)}": there is no such file in ${printable(output)}`,
    hint: 'Write the file before publishing it; the path is relative to context.outputDir.',
  });
}
