import { cpSync, constants } from 'node:fs';
import type { Attempt } from './attempt.ts';
import { makeFolders } from '../../storage/make-folders.ts';
import { linesOfStage } from './metric-lines.ts';
import { move } from '../../storage/move.ts';
import { metricsPath, outputDir, stageDir } from './paths.ts';
import type { Points } from './points.ts';
import { onStorage } from '../../storage/storage-failure.ts';

/** The folders of an experiment's stages, for the attempt that owns it. */
export class StageFolders {
  readonly #attempt: Attempt;
  readonly #points: Points;

  constructor(attempt: Attempt, points: Points) {
    this.#attempt = attempt;
    this.#points = points;
  }

  /** Makes the folder of a stage, without its output folder, if missing. */
  prepare(stage: string): void {
    this.#make(stageDir(this.#attempt.dir, stage));
  }

  /** Keeps a stage's output folder, or creates it. */
  keep(stage: string): string {
    return this.#make(this.#output(stage));
  }

  /**
   * Removes a stage's output folder and creates a new one.
   * @param from The folder of another experiment, whose output and metrics of the stage are copied; otherwise the new folder is
   * empty.
   */
  renew(stage: string, from?: string): string {
    const output = this.#output(stage);
    this.#attempt.remove(output);
    return this.#make(output, () => {
      if (from !== undefined) this.#copy(from, stage);
    });
  }

  /** Replaces a stage's output folder by another folder. */
  replace(stage: string, filled: string): void {
    const output = this.#output(stage);
    this.#attempt.remove(output);
    this.#make(output, () => {
      this.#put(filled, stage);
    });
  }

  /** Copies metrics first, so that no output is without them. */
  #copy(from: string, stage: string): void {
    this.#points.takeOver(metricsPath(from), linesOfStage(from, stage));
    const copy = this.#attempt.newPath();
    cpSync(outputDir(from, stage), copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
    this.#put(copy, stage);
  }

  #put(filled: string, stage: string): void {
    makeFolders(stageDir(this.#attempt.dir, stage));
    move(filled, this.#output(stage));
  }

  #output(stage: string): string {
    return outputDir(this.#attempt.dir, stage);
  }

  /** @param fill Called before the folder is created; it may create it. */
  #make(folder: string, fill = () => {}): string {
    this.#attempt.guard(() =>
      onStorage('write', folder, () => {
        fill();
        makeFolders(folder);
      }),
    );
    return folder;
  }
}
