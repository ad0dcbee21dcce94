/** A sweep as it is stored: `sweeps/sweep-1/sweep.json`, made of its file before anything runs. */
import type { Point, Space } from '../search/space.ts';

export type Method = 'grid' | 'list' | 'random' | 'sobol' | 'tpe';

/** The metric by which points are ranked and chosen. */
export interface Objective {
  /** The stage's own name of it. */
  readonly metric: string;
  readonly stage: string;
  readonly direction: 'min' | 'max';
  /** Which of its values counts: that of the last point of a run, or the best one. */
  readonly at: 'last' | 'best';
}

/** Early stopping: trials pause at these iterations of a stage, and only promising ones go on. */
export interface EarlyStopping {
  readonly method: 'asha' | 'median';
  readonly stage: string;
  /** Ascending iterations, below the last one. */
  readonly rungs: readonly number[];
  /** The last iteration. */
  readonly max: number;
  /** Of `asha`: one of so many goes on. */
  readonly eta: number;
  /** Of `median`: pauses before so many results are never final. */
  readonly atLeast: number;
}

export interface Budget {
  /** Most trials, repeats counted. */
  readonly runs?: number;
  /** Hours that drivers have spent, after which no trial begins. */
  readonly hours?: number;
}

/** One pipeline of the sweep, and what it was when the sweep began. */
export interface SweptPipeline {
  /** As the sweep's file names it: the value of the dimension `pipeline`. */
  readonly written: string;
  /** Relative to `cwd`. */
  readonly file: string;
  /** sha256 of its resolved text with the sweep's `set`. */
  readonly sha256: string;
  /** Values of its parameters that conditions name, by dotted name. */
  readonly constants: Readonly<Record<string, unknown>>;
}

export interface SweepDefinition {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The file, as given. */
  readonly file: string;
  /** Absolute: where trials run. */
  readonly cwd: string;
  readonly pipelines: readonly SweptPipeline[];
  readonly method: Method;
  readonly space: Space;
  /** Of the method `list`. */
  readonly points?: readonly Point[];
  /** Values for all points, by dotted name. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Seeds of the repeats of each point; one repeat with the pipeline's own seed where it is empty. */
  readonly seeds: readonly number[];
  readonly objective: Objective;
  /** Conditions that each point fulfils. */
  readonly where: readonly string[];
  readonly early?: EarlyStopping;
  readonly budget: Budget;
  /** How often a trial whose process died is resumed. */
  readonly retries: number;
  /** Trials at a time, unless the command line says otherwise. */
  readonly workers: number;
  /** Every suggestion follows from it. */
  readonly seed: number;
}

/** The dimension that chooses among several pipelines. */
export const PIPELINE = 'pipeline';

export const repeatsOf = ({ seeds }: Pick<SweepDefinition, 'seeds'>): number => Math.max(1, seeds.length);

/** The pipeline of a point. */
export function pipelineOf({ pipelines }: Pick<SweepDefinition, 'pipelines'>, point: Point): SweptPipeline {
  const found = pipelines.find(({ written }) => written === point[PIPELINE]) ?? pipelines[0];
  if (found === undefined) throw new Error('a sweep without pipelines');
  return found;
}

/** The arguments of `--set` for one trial. @param repeat From 1. */
export function settingsOf(
  { set, seeds }: Pick<SweepDefinition, 'set' | 'seeds'>,
  point: Point,
  repeat: number,
): readonly string[] {
  const seed = seeds[repeat - 1];
  const values = { ...set, ...point, ...(seed !== undefined && { seed }) };
  return Object.entries(values)
    .filter(([name]) => name !== PIPELINE)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
}
