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

/** Largest log of a stage, in bytes: a stage that prints endlessly would fill the disk. */
const LARGEST_LOG = 100_000_000;

interface Log {
  readonly file: Appender;
  /** Remaining bytes. */
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

  /** Replaces the logs of previous attempts by copies that this attempt owns. */
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
   * Appends, until `end`. Text beyond the limit is left out, as a last line says, unless it `isKept`. Returns false for the first
   * text that is left out.
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
    if (hadRoom) log.file.append(`\nMore than ${formatBytes(this.#limit)}: the rest is not kept.\n`);
    return false;
  }

  /** Opens a log; a resumed stage appends to its previous one. */
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

  /** Waits until everything is on disk, and ignores further text of a stage that does not stop. */
  end(): void {
    this.flush();
    this.#hasEnded = true;
  }

  /** Waits until the log of one stage, or of all, is on disk. */
  flush(stage?: string): void {
    for (const [id, { file }] of this.#logs) if (stage === undefined || id === stage) file.flush(true);
  }
}
