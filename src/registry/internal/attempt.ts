/**
 * A process's ownership of an experiment: its folder `.resumes/<n>`.
 *
 * Unfinished and removed files pass through this folder, so that every change of the experiment is a rename out of it or into it.
 * A process that takes over the experiment first moves the folder away (see take-over.ts): from then on the renames of the
 * previous process fail, wherever it was paused or disconnected, without a lock. Appended files are replaced by copies, so that
 * files which the previous process has open are no longer part of the experiment.
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

  /** Start of the previous attempt, by the clock of the disk; undefined where unknown. */
  readonly previous: number | undefined;

  constructor(dir: string, number: number, previous?: number) {
    this.previous = previous;
    this.dir = dir;
    this.folder = attemptDir(dir, number);
    this.#number = number;
  }

  /** Creates the attempt folder of a claim, in an experiment that is still being staged. */
  static prepareClaim(unfinished: string): void {
    const folder = attemptDir(unfinished, 0);
    makeFolders(folder);
    writeFileSync(join(folder, OWNER), JSON.stringify(currentProcess()));
  }

  /** @throws Failure, code `superseded`, when another process has taken over the experiment. */
  check(): void {
    if (this.#hasEnded) return;
    try {
      // Opened, not just checked: on a network disk that asks the server, not a cache.
      closeSync(openRegularFile(join(this.folder, OWNER)).file);
    } catch (error) {
      if (errorCode(error) === undefined && !(error instanceof Failure)) throw error;
      checkFolder(this.dir);
      throw superseded(this.dir);
    }
  }

  /** A new path for a file to rename into the experiment. */
  readonly newPath = (): string => {
    this.check();
    return join(this.folder, unique());
  };

  /** Runs an operation on the experiment. A failure after a takeover is reported as such. */
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

  /** Removes a file or a folder of the experiment atomically. */
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

  /** Releases the experiment for other processes. */
  release(): void {
    this.#hasEnded = true;
    // Missing where another process has taken over.
    if (!existsSync(this.folder)) return;
    onStorage('write', this.folder, () => {
      // The folder of a resume stays: its number must not be reused.
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
      'It was considered gone: after a pause, after a lost connection, or because of --force.',
    ],
    hint: `pipe show ${id} shows its progress`,
  });
}

/** Makes a folder in an existing one: an experiment that is being removed must not come back empty. */
export function makeFolderIn(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
