import { join } from 'node:path';
import type { ExperimentRecord } from '../core/experiment.ts';
import type { Attempt } from './attempt.ts';
import type { FileHashes } from './file-hashes.ts';
import { artifactsDir, outputDir } from './paths.ts';
import { publish } from './publish.ts';

interface Place {
  readonly attempt: Attempt;
  readonly hashes: FileHashes;
}

/** What the stages of an experiment that is being written have published: the files, and what its record says of them. */
export class Published {
  readonly #place: Place;
  readonly #record: Pick<ExperimentRecord, 'artifacts'>;
  /** Stages with files that are not in the record yet. */
  readonly #unhashed = new Set<string>();

  constructor(place: Place, record: Pick<ExperimentRecord, 'artifacts'>) {
    this.#place = place;
    this.#record = record;
  }

  /** @param path Relative to the stage's output folder. */
  add(stage: string, path: string): void {
    const { attempt } = this.#place;
    const { dir, newPath } = attempt;
    this.#unhashed.add(stage);
    attempt.guard(() => {
      publish({ output: outputDir(dir, stage), path, target: join(artifactsDir(dir), stage), newPath });
    });
  }

  /** Removes what a stage has published. */
  forget(stage: string): void {
    const { attempt } = this.#place;
    attempt.remove(join(artifactsDir(attempt.dir), stage));
    this.#record.artifacts = this.#record.artifacts.filter(artifact => artifact.stage !== stage);
  }

  /** Brings the record up to date. */
  async record(stage: string): Promise<void> {
    if (!this.#unhashed.has(stage)) return;
    const { attempt, hashes } = this.#place;
    const { dir } = attempt;
    const files = await hashes.below(dir, join(artifactsDir(dir), stage));
    const others = this.#record.artifacts.filter(artifact => artifact.stage !== stage);
    this.#record.artifacts = [...others, ...files.map(file => ({ ...file, stage }))];
    this.#unhashed.delete(stage);
  }

  async recordAll(): Promise<void> {
    for (const stage of [...this.#unhashed]) await this.record(stage);
  }
}
