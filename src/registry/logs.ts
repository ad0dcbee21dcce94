import { Appender } from './appender.ts';
import { checkFolder } from './atomic.ts';
import { makeFolders } from './make-folders.ts';
import { logPath, stageDir } from './paths.ts';
import { onStorage } from './storage-failure.ts';

/** `stages/<id>/log.txt` of every stage of an experiment that is being written. */
export class Logs {
  readonly #dir: string;
  readonly #files = new Map<string, Appender>();

  /** @param dir The experiment's folder. */
  constructor(dir: string) {
    this.#dir = dir;
  }

  append(stage: string, text: string): void {
    let file = this.#files.get(stage);
    if (file === undefined) {
      checkFolder(this.#dir);
      const folder = stageDir(this.#dir, stage);
      onStorage('write', folder, () => makeFolders(folder));
      file = new Appender(logPath(this.#dir, stage));
      this.#files.set(stage, file);
    }
    file.append(text);
  }

  /** Returns when the disk has what one stage logged, or every stage. */
  flush(stage?: string): void {
    for (const [id, file] of this.#files) if (stage === undefined || id === stage) file.flush(true);
  }
}
