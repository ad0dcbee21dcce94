/**
 * A process's hold on an experiment: its folder `.resumes/<n>`.
 *
 * Its unfinished files lie there, and what it removes goes through there, so that each change of the experiment is a rename
 * out of this folder or into it. Whoever takes the experiment over moves the folder away first (see take-over.ts): at
 * whatever point a previous process was stopped or cut off, its renames fail from then on, without a lock. Files that
 * are appended to get replaced by copies then: what a previous process has open is no part of the experiment any more.
 */
import { closeSync, existsSync, mkdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import { currentProcess } from '../../host/process-identity.ts';
import { checkFolder, replaceFile } from '../../storage/atomic.ts';
import { attemptDir, attemptsDir, ENDED, newestAttempt, OWNER, processOf } from './attempts.ts';
import { deleteTree } from '../../storage/delete-tree.ts';
import { makeFolders } from '../../storage/make-folders.ts';
import { move } from '../../storage/move.ts';
import { openRegularFile } from '../../storage/read-file.ts';
import { errorCode, onStorage } from '../../storage/storage-failure.ts';
import { unique } from '../../storage/staging.ts';

export class Attempt {
  /** The experiment's folder. */
  readonly dir: string;
  readonly folder: string;
  readonly #number: number;
  #hasEnded = false;

  /** When the attempt before began, by the clock of the disk; undefined where nothing tells. */
  readonly previous: number | undefined;

  constructor(dir: string, number: number, previous?: number) {
    this.previous = previous;
    this.dir = dir;
    this.folder = attemptDir(dir, number);
    this.#number = number;
  }

  /** Makes the folder of a claim in an experiment that is not in its place yet. */
  static prepareClaim(unfinished: string): void {
    const folder = attemptDir(unfinished, 0);
    makeFolders(folder);
    writeFileSync(join(folder, OWNER), JSON.stringify(currentProcess()));
  }

  /** @throws Failure, code `superseded`, when another process has taken the experiment over. */
  check(): void {
    if (this.#hasEnded) return;
    try {
      // Opened rather than looked at: on network disks that asks the server, and not a cache.
      closeSync(openRegularFile(join(this.folder, OWNER)).file);
    } catch (error) {
      if (errorCode(error) === undefined && !(error instanceof Failure)) throw error;
      checkFolder(this.dir);
      throw superseded(this.dir);
    }
  }

  /** A path that nothing has yet, to be renamed from into the experiment. */
  readonly newPath = (): string => {
    this.check();
    return join(this.folder, unique());
  };

  /** Runs an operation on the experiment. A failure since another process has taken it over is reported as such. */
  guard<T>(operation: () => T): T {
    this.check();
    try {
      return operation();
    } catch (error) {
      this.check();
      throw error;
    }
  }

  /** Replaces a file of the experiment. */
  replace(path: string, text: string): void {
    this.guard(() => {
      replaceFile(path, text, this.newPath);
    });
  }

  /** Removes a file or a folder of the experiment, in one step for all who look. */
  remove(path: string): void {
    this.guard(() =>
      onStorage('write', path, () => {
        const away = this.newPath();
        try {
          move(path, away);
        } catch (error) {
          if (errorCode(error) === 'ENOENT') return;
          throw error;
        }
        deleteTree(away);
      }),
    );
  }

  /** Lets other processes have the experiment. */
  release(): void {
    this.#hasEnded = true;
    // Gone where another process took the experiment over.
    if (!existsSync(this.folder)) return;
    onStorage('write', this.folder, () => {
      // The folder of a resume stays: its number must not be given twice.
      if (this.#number > 0) writeFileSync(join(this.folder, ENDED), '');
      else removeEmptied(this.dir, this.folder);
    });
  }
}

function removeEmptied(dir: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  try {
    rmdirSync(attemptsDir(dir));
  } catch (error) {
    // A resume has begun.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errorCode(error) ?? '')) throw error;
  }
}

function superseded(dir: string): Failure {
  const id = basename(dir);
  const newest = newestAttempt(dir);
  const successor = newest === 0 ? undefined : processOf(attemptDir(dir, newest));
  const by =
    successor === undefined ? 'another process' : `process ${successor.pid} on ${printable(successor.host)}`;
  return new Failure({
    code: 'superseded',
    exitCode: 4,
    message: `${id} was taken over by ${by}: this process is superseded and stops`,
    details: [
      `Nothing more was written to ${id}: it belongs to the process that resumed it.`,
      'It was taken for gone: after a pause, behind a lost connection, or as --force said so.',
    ],
    hint: `pipe show ${id} tells how far it is`,
  });
}

/** Makes a folder in one that is there: an experiment that is removed at this moment must not come back as an empty one. */
export function makeFolderIn(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
