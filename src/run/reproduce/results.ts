import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from '../../core/artifacts.ts';
import { BUILT_IN_KINDS, isBuiltIn } from '../../core/artifacts/built-in.ts';
import type { FileRecord } from '../../core/experiment.ts';
import { Failure } from '../../core/failure.ts';
import { changedContent } from '../../cache/tree.ts';
import { FileHashes } from '../../storage/file-hashes.ts';
import {
  experimentOf,
  outputDir,
  toStored,
  type Registry,
  type StoredExperiment,
  type MetricPoint,
  type StageResults,
  type StoredPoint,
} from '../../registry/index.ts';

/** Results of a stage in one experiment. */
export interface Results {
  /** Output and published files, by path relative to the experiment. */
  readonly files: ReadonlyMap<string, FileRecord>;
  /** The outputs' descriptions, with folders relative to the experiment, by name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Read from the file on each iteration. */
  readonly points: Iterable<MetricPoint>;
  /** The experiment in which the stage ran. */
  readonly origin: StoredExperiment;
}

/** Reader of stages' results in experiments; reused results are read in the experiment in which the stage ran. */
export class ResultsReader {
  readonly #registry: Registry;
  readonly #hashes = new FileHashes();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The results of a stage with its recorded files, or a message why there are none. */
  async read(experiment: StoredExperiment, stage: string): Promise<Results | string> {
    const origin = await this.#origin(experiment, stage);
    if (typeof origin === 'string') return origin;
    const { id, dir, record } = origin;
    const recorded = await this.#registry.results(id, stage);
    const written = recorded.files ?? (await this.#hashes.below(dir, outputDir(dir, stage)));
    const published = record.artifacts.filter(artifact => artifact.stage === stage);
    const files = [...written, ...published];
    return {
      origin,
      files: new Map(files.map(file => [file.path, file])),
      outputs: Object.fromEntries(
        Object.entries(recorded.outputs).map(([name, artifact]) => [
          name,
          this.#described(dir, artifact, recorded.kinds),
        ]),
      ),
      points: this.#pointsOf(origin, stage),
    };
  }

  /** The damaged files: `exp-1/stages/…`. */
  async damaged({ origin: { id, dir }, files }: Results): Promise<string[]> {
    const damaged: string[] = [];
    for (const file of files.values())
      if ((await changedContent(dir, [file], this.#hashes)) !== undefined) damaged.push(`${id}/${file.path}`);
    // A publication is a second name of an output file.
    const outputOf = (path: string) => path.replace(/\/artifacts\/([^/]+)\//, '/stages/$1/output/');
    return damaged.filter(path => outputOf(path) === path || !damaged.includes(outputOf(path)));
  }

  /** The experiment in which the stage ran, or why it cannot be read. */
  async #origin(experiment: StoredExperiment, stage: string): Promise<StoredExperiment | string> {
    const { record, dir } = experiment;
    const isReused = record.stages.some(({ id, status }) => id === stage && status === 'reused');
    if (!isReused || existsSync(outputDir(dir, stage))) return experiment;
    const { outputs } = await this.#registry.results(experiment.id, stage);
    const id = Object.values(outputs)
      .map(artifact => experimentOf(this.#registry.dir, artifact.dir))
      .find(each => each !== undefined);
    if (id === undefined || id === experiment.id) return experiment;
    try {
      return await this.#registry.read(id);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return `its outputs are those of ${id}: ${error.message}`;
    }
  }

  /** An artifact without its provenance and the location of its experiment. */
  #described(
    dir: string,
    artifact: Artifact,
    kinds: StageResults['kinds'],
  ): Readonly<Record<string, unknown>> {
    const id = experimentOf(this.#registry.dir, artifact.dir);
    const folder = id === undefined ? dir : join(this.#registry.dir, id);
    const { kind } = artifact;
    const { provenance: hidden = [] } = isBuiltIn(kind) ? BUILT_IN_KINDS[kind] : (kinds[kind] ?? {});
    const fields = Object.entries(toStored(folder, artifact)).filter(([name]) => !hidden.includes(name));
    return Object.fromEntries(fields);
  }

  #pointsOf({ id, record }: StoredExperiment, stage: string): Iterable<MetricPoint> {
    const isMeasured = Object.values(record.metrics).some(metric => metric.stage === stage);
    return isMeasured ? { [Symbol.iterator]: () => pointsIn(this.#registry.allPoints(id, stage)) } : [];
  }
}

function* pointsIn(stored: Iterable<StoredPoint>): Generator<MetricPoint> {
  for (const { point } of stored) yield point;
}
