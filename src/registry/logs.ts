import { join } from 'node:path';
import { Appender } from './appender.ts';
import type { Attempt } from './attempt.ts';
import { makeFolders } from './make-folders.ts';
import { namesIn } from './names-in.ts';
import { logPath, stageDir } from './paths.ts';
import { renew } from './renew.ts';
import { onStorage } from './storage-failure.ts';

/** `stages/<id>/log.txt` of every stage of an experiment that is being written. */
export class Logs {
  readonly #attempt: Attempt;
  readonly #files = new Map<string, Appender>();
  #hasEnded = false;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
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

  /** Appends, until `end`. */
  append(stage: string, text: string): void {
    if (this.#hasEnded) return;
    let file = this.#files.get(stage);
    if (file === undefined) {
      const { dir } = this.#attempt;
      const folder = stageDir(dir, stage);
      this.#attempt.guard(() => onStorage('write', folder, () => makeFolders(folder)));
      file = new Appender(logPath(dir, stage), this.#attempt);
      this.#files.set(stage, file);
    }
    file.append(text);
  }

  /** Returns when the disk has everything, and leaves out what a stage that would not stop logs from now on. */
  end(): void {
    this.flush();
    this.#hasEnded = true;
  }

  /** Returns when the disk has what one stage logged, or every stage. */
  flush(stage?: string): void {
    for (const [id, file] of this.#files) if (stage === undefined || id === stage) file.flush(true);
  }
}
