/** Report of `pipe reproduce`. Plain JSON except for numbers that JSON lacks. */
import type { Interval } from '../../core/interval.ts';

/** Something that differs from when the experiment ran: `Node`, `v20.19.0`, `v22.1.0`. */
export interface Change {
  readonly what: string;
  /** Null for none. */
  readonly then: string | null;
  readonly now: string | null;
}

/** Two values that differ; undefined on the side that lacks it. */
interface Sides<T> {
  readonly original?: T;
  readonly repeated?: T;
}

/** A file that differs or exists on one side only. Sizes in bytes. */
export interface FileDifference extends Sides<number> {
  /** Relative to the experiment. */
  readonly path: string;
}

/** A field of an output's description that differs. */
export interface OutputDifference extends Sides<unknown> {
  /** `dataset.count`. */
  readonly name: string;
}

/** A metric whose points differ. */
export interface MetricDifference {
  readonly name: string;
  /** The step of the first point that differs, and the values there. */
  readonly step: number;
  readonly first: Sides<number>;
  /** The last points' values. */
  readonly last: Sides<number>;
  /** The 95 % intervals at that first step, where they differ. */
  readonly interval?: Sides<Interval>;
  /** The protocols at that first step, where they differ: the values were measured differently. */
  readonly protocol?: Sides<string>;
}

export interface StageComparison {
  readonly stage: string;
  /** Why it was not compared; null if it was. */
  readonly obstacle: string | null;
  /** Equal output and published files, their bytes, and equal points. */
  readonly equal: { readonly files: number; readonly bytes: number; readonly points: number };
  /** Number of files that differ in every run. */
  readonly nondeterministicFiles: number;
  readonly files: readonly FileDifference[];
  readonly outputs: readonly OutputDifference[];
  readonly metrics: readonly MetricDifference[];
}

export interface Reproduction {
  readonly original: string;
  readonly repeated: string;
  /** True when every stage with a result in the original gave the same result again. */
  readonly isEqual: boolean;
  readonly stages: readonly StageComparison[];
  /** Stages without a result in the original, which were not repeated. */
  readonly left: readonly string[];
  /** Damaged files of the original. */
  readonly damaged: readonly string[];
  /** Likely causes of differences, a sentence each. */
  readonly causes: readonly string[];
  /** Conditions that differed in the second run and may explain differences. */
  readonly changes: readonly Change[];
}

/** True for a stage with equal results. */
export const isStageEqual = ({ obstacle, files, outputs, metrics }: StageComparison): boolean =>
  obstacle === null && files.length + outputs.length + metrics.length === 0;
