import { join } from 'node:path';
import type { ExperimentRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import type { Attempt } from './attempt.ts';
import type { FileHashes } from '../../storage/file-hashes.ts';
import { artifactsDir, outputDir } from './paths.ts';
import { publish } from '../../storage/publish.ts';

/** Most published files of an experiment: each has an entry in experiment.json, which every command reads. */
const MOST_FILES = 100_000;

interface Place {
  readonly attempt: Attempt;
  readonly hashes: FileHashes;
}

/** The published files of an experiment that is being written, and their entries in its record. */
export class Published {
  readonly #place: Place;
  readonly #record: Pick<ExperimentRecord, 'artifacts'>;
  /** Stages with files that are not in the record yet. */
  readonly #unhashed = new Set<string>();
  readonly #limit: number;
  /** Number of all files; republished ones count again. */
  #count: number;

  constructor(place: Place, record: Pick<ExperimentRecord, 'artifacts'>, limit = MOST_FILES) {
    this.#place = place;
    this.#record = record;
    this.#limit = limit;
    this.#count = record.artifacts.length;
  }

  /**
   * Publishes a file or a folder.
   * @param path Relative to the stage's output folder.
   * @throws Failure for more files than an experiment's record has room for.
   */
  add(stage: string, path: string): void {
    const { attempt } = this.#place;
    const { dir, newPath } = attempt;
    this.#unhashed.add(stage);
    attempt.guard(() => {
      const target = join(artifactsDir(dir), stage);
      const onFile = () => {
        if (++this.#count > this.#limit) throw tooMany(stage, path, this.#limit);
      };
      publish({ output: outputDir(dir, stage), path, target, newPath, onFile });
    });
  }

  /** Removes all files that a stage has published. */
  forget(stage: string): void {
    const { attempt } = this.#place;
    attempt.remove(join(artifactsDir(attempt.dir), stage));
    this.#record.artifacts = this.#record.artifacts.filter(artifact => artifact.stage !== stage);
    this.#count = this.#record.artifacts.length;
  }

  /** Updates the record's entries of a stage. */
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

const tooMany = (stage: string, path: string, limit: number): Failure =>
  new Failure({
    code: 'too-many-published',
    message: `stage "${printable(stage)}" publishes more than the ${limit} files that an experiment has room for, with "${printable(path)}"`,
    hint: 'Publish a part of them: all are in the stage’s output folder anyway.',
  });
