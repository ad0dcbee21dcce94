import { statSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../../core/format.ts';
import { Appender } from './appender.ts';
import type { Attempt } from './attempt.ts';
import { makeFolders } from '../../storage/make-folders.ts';
import { namesIn } from '../../storage/names-in.ts';
import { logPath, stageDir } from './paths.ts';
import { renew } from './renew.ts';
import { onStorage } from '../../storage/storage-failure.ts';

/** Bytes of a stage's log: nobody reads more, and a stage that prints without end would fill the disk. */
const LARGEST_LOG = 100_000_000;

interface Log {
  readonly file: Appender;
  /** Bytes that it may still get. */
  left: number;
}

/** `stages/<id>/log.txt` of every stage of an experiment that is being written. */
export class Logs {
  readonly #attempt: Attempt;
  readonly #limit: number;
  readonly #logs = new Map<string, Log>();
  #hasEnded = false;

  constructor(attempt: Attempt, limit = LARGEST_LOG) {
    this.#attempt = attempt;
    this.#limit = limit;
  }

  /** Makes what was logged before the attempt's own files. */
  takeOver(): void {
    const { dir, newPath } = this.#attempt;
    const stages = join(dir, 'stages');
    for (const stage of onStorage('read', stages, () => namesIn(stages))) {
      const path = logPath(dir, stage);
      onStorage('write', path, () => {
        renew(path, newPath);
      });
    }
  }

  /**
   * Appends, until `end`. What a log has no room for is left out, which its last line says, unless it is to be kept in any case.
   * Returns false for the first text that is left out.
   */
  append(stage: string, text: string, isKept = false): boolean {
    if (this.#hasEnded) return true;
    const log = this.#logs.get(stage) ?? this.#open(stage);
    if (log.left <= 0 && !isKept) return true;
    const hadRoom = log.left > 0;
    log.left -= Buffer.byteLength(text);
    if (log.left > 0 || isKept) {
      log.file.append(text);
      return true;
    }
    if (hadRoom) log.file.append(`\nMore than ${formatBytes(this.#limit)}: from here on nothing is kept.\n`);
    return false;
  }

  /** A resumed stage appends to its log. */
  #open(stage: string): Log {
    const { dir } = this.#attempt;
    const folder = stageDir(dir, stage);
    const path = logPath(dir, stage);
    this.#attempt.guard(() => onStorage('write', folder, () => makeFolders(folder)));
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const log = { file: new Appender(path, this.#attempt), left: this.#limit - size };
    this.#logs.set(stage, log);
    return log;
  }

  /** Returns when the disk has everything, and leaves out what a stage that would not stop logs from now on. */
  end(): void {
    this.flush();
    this.#hasEnded = true;
  }

  /** Returns when the disk has what one stage logged, or every stage. */
  flush(stage?: string): void {
    for (const [id, { file }] of this.#logs) if (stage === undefined || id === stage) file.flush(true);
  }
}
