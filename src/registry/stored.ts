/** Types of stored experiments as they are read. */
import type {
  FileRecord,
  ExperimentRecord,
  MetricSummary,
  ShownStatus,
  StageRecord,
  TrialRecord,
} from '../core/experiment.ts';
import type { Artifact } from '../core/artifacts.ts';
import type { RecordedKind } from '../core/artifacts/named-files.ts';
import type { Reading } from '../storage/growing-file.ts';
import type { MetricEvent } from '../core/events.ts';

export interface ReadRecord {
  readonly record: ExperimentRecord;
  /** Descriptions of invalid fields of an earlier version, and of what replaces them. */
  readonly mended?: readonly string[];
}

/** Why there is no record, as words that follow "exp-3 ", and a hint where the record itself is not at fault. */
export interface RecordProblem {
  readonly problem: string;
  readonly hint?: string;
}

/** An experiment: its record and the status to show. */
export interface StoredExperiment extends ReadRecord {
  readonly id: string;
  /** Absolute. */
  readonly dir: string;
  /** `crashed` when the record says running and the process is gone. */
  readonly status: ShownStatus;
}

/** A folder `exp-N` without a readable record. */
export interface UnreadableExperiment extends RecordProblem {
  readonly id: string;
  readonly dir: string;
}

export type Entry = StoredExperiment | UnreadableExperiment;

export interface RegistryListing {
  /** By number, smallest first. */
  readonly experiments: readonly StoredExperiment[];
  readonly unreadable: readonly UnreadableExperiment[];
}

/** The last and the best values of an experiment's metrics, in parallel lists. Thousands of experiments share one list of names. */
export interface ListedMetrics {
  readonly names: readonly string[];
  readonly directions: readonly MetricSummary['direction'][];
  /** The stage that measured each. */
  readonly stages: readonly string[];
  /** Null for a metric without protocol. */
  readonly protocols: readonly (string | null)[];
  /** False where no metric has an interval. */
  readonly hasIntervals: boolean;
  /** The value of the last point of each. */
  readonly values: Float64Array;
  /** The lower and the upper bound of each value's interval, NaN for one without; empty where none has one. */
  readonly bounds: Float64Array;
  /**
   * For each metric its best value and the step of that, and where `hasIntervals` the bounds of its interval; NaN for what it has not.
   * A metric with one point has no step.
   */
  readonly bests: Float64Array;
}

/** An experiment's parameters by dotted name. */
export interface ListedParameters {
  /** Thousands of experiments share one list. */
  readonly names: readonly string[];
  /** Undefined for a name that it has not. */
  readonly get: (name: string) => unknown;
}

/** An experiment's entry in a list. */
export interface ExperimentSummary extends Pick<StoredExperiment, 'id' | 'dir' | 'status'> {
  /** The pipeline's name. */
  readonly pipeline: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Milliseconds; null until it has ended. */
  readonly ms: number | null;
  readonly seed: number;
  /** The trial of a sweep that it is. */
  readonly sweep: TrialRecord | null;
  readonly parameters: ListedParameters;
  readonly metrics: ListedMetrics;
  /** The message's first line. */
  readonly failure: Pick<NonNullable<ExperimentRecord['failure']>, 'stage' | 'message'> | null;
  /** The stage that is running or stopped; null when no stage is left. */
  readonly reached: Pick<StageRecord, 'id' | 'progress'> | null;
}

export interface RegistrySummary {
  /** By number, smallest first. */
  readonly experiments: readonly ExperimentSummary[];
  readonly unreadable: readonly UnreadableExperiment[];
}

export type StageOutputs = Readonly<Record<string, Artifact>>;

/** Contents of a stage's stage.json. */
export interface StageResults {
  /** With absolute folders. */
  readonly outputs: StageOutputs;
  /** The user's own kinds of its outputs, by name. */
  readonly kinds: Readonly<Record<string, RecordedKind>>;
  /** Files of its output folder, by path relative to the experiment; undefined where they were not recorded. */
  readonly files: readonly FileRecord[] | undefined;
  /** Identifies an attempt; null where nothing is recorded. */
  readonly startedAt: string | null;
}

/** A published file: its path relative to the experiment, with forward slashes, and its size. */
export type PublishedFile = Omit<ExperimentRecord['artifacts'][number], 'sha256'>;

/** The picture of an experiment's metrics: drawn from its points, and in no record. */
export type Picture = Pick<PublishedFile, 'path' | 'bytes'>;

/** One line of metrics.jsonl. */
export interface MetricPoint extends Omit<MetricEvent, 'type'> {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly stage: string;
}

/** A point, and the place of its line in the file. */
export interface StoredPoint {
  readonly point: MetricPoint;
  /** The line's number, from 1 where reading began. */
  readonly number: number;
  /** The line's range of bytes, line end included, `end` excluded. */
  readonly start: number;
  readonly end: number;
}

/** Points from a byte on. */
export interface PointsPiece extends Reading {
  readonly points: readonly StoredPoint[];
}

/** Text of a stage's log from a byte on. */
export interface LogPiece extends Reading {
  readonly text: string;
}

/** An update of a followed experiment. */
export type Followed =
  /** Sent first, whenever its record or status changes, and at its end. */
  | { readonly kind: 'record'; readonly experiment: StoredExperiment }
  /** `isRewritten`: these are all points so far, and replace earlier ones. */
  | { readonly kind: 'points'; readonly points: readonly MetricPoint[]; readonly isRewritten: boolean }
  /** `isRewritten`: the log starts again. */
  | {
      readonly kind: 'log';
      readonly stage: string;
      readonly text: string;
      readonly isRewritten: boolean;
    };
