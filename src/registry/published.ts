import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentRecord } from '../core/experiment.ts';
import { checkFolder } from './atomic.ts';
import type { FileHashes } from './file-hashes.ts';
import { artifactsDir, outputDir } from './paths.ts';
import { publish } from './publish.ts';
import { onStorage } from './storage-failure.ts';

interface Place {
  /** The experiment's folder. */
  readonly dir: string;
  readonly staging: string;
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
    const { dir, staging } = this.#place;
    checkFolder(dir);
    this.#unhashed.add(stage);
    publish({ output: outputDir(dir, stage), path, target: join(artifactsDir(dir), stage), staging });
  }

  /** Removes what a stage has published. */
  forget(stage: string): void {
    const published = join(artifactsDir(this.#place.dir), stage);
    onStorage('write', published, () => rmSync(published, { recursive: true, force: true }));
    this.#record.artifacts = this.#record.artifacts.filter(artifact => artifact.stage !== stage);
  }

  /** Brings the record up to date. */
  async record(stage: string): Promise<void> {
    if (!this.#unhashed.has(stage)) return;
    const { dir, hashes } = this.#place;
    const files = await hashes.below(dir, join(artifactsDir(dir), stage));
    const others = this.#record.artifacts.filter(artifact => artifact.stage !== stage);
    this.#record.artifacts = [...others, ...files.map(file => ({ ...file, stage }))];
    this.#unhashed.delete(stage);
  }

  async recordAll(): Promise<void> {
    for (const stage of [...this.#unhashed]) await this.record(stage);
  }
}
