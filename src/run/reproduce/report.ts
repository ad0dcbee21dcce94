/** Report of `pipe reproduce`. Plain JSON but for numbers that JSON does not have. */

/** Something that differs from when the experiment ran: `Node`, `v20.19.0`, `v22.1.0`. */
export interface Change {
  readonly what: string;
  /** Null where there was, or is, none. */
  readonly then: string | null;
  readonly now: string | null;
}

/** The two sides of something that differs; undefined on the side that lacks it. */
interface Sides<T> {
  readonly original?: T;
  readonly repeated?: T;
}

/** A file that differs, or that one side alone has. Sizes in bytes. */
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
}

export interface StageComparison {
  readonly stage: string;
  /** Why it cannot be compared; null when it was. */
  readonly obstacle: string | null;
  /** Files that are equal, of its outputs and of what it published, and their bytes. */
  readonly equal: { readonly files: number; readonly bytes: number; readonly points: number };
  /** Files that are others in every run. */
  readonly nondeterministicFiles: number;
  readonly files: readonly FileDifference[];
  readonly outputs: readonly OutputDifference[];
  readonly metrics: readonly MetricDifference[];
}

export interface Reproduction {
  readonly original: string;
  readonly repeated: string;
  /** True when every stage that the original has a result of gave the same again. */
  readonly isEqual: boolean;
  readonly stages: readonly StageComparison[];
  /** Stages that the original has no result of, so that there was nothing to repeat. */
  readonly left: readonly string[];
  /** Files of the original that are not what was recorded of them. */
  readonly damaged: readonly string[];
  /** Why stages that differ may do so, as far as that is known: a sentence each. */
  readonly causes: readonly string[];
  /** Conditions that differed when the second one ran; they explain differences, if there are any. */
  readonly changes: readonly Change[];
}

/** True when a stage gave the same. */
export const isStageEqual = ({ obstacle, files, outputs, metrics }: StageComparison): boolean =>
  obstacle === null && files.length + outputs.length + metrics.length === 0;
