import type { Artifact } from '../core/artifacts.ts';
import type { RecordedKind } from '../core/artifacts/named-files.ts';
import type { MetricEvent, ProgressEvent } from '../core/events.ts';
import type {
  Environment,
  ExperimentRecord,
  MetricSummary,
  ShownStatus,
  StageRecord,
} from '../core/experiment.ts';
import type { FileHashes } from '../storage/file-hashes.ts';
import type { ExperimentLookup, ExperimentView, MetricDeclaration } from '../core/stage.ts';
import type { ReadRecord, RecordProblem } from './internal/record.ts';

/** What is known when an experiment is claimed. */
export interface NewExperiment {
  readonly pipelineName: string;
  readonly pipelineFile: string;
  readonly givenText: string;
  readonly resolvedText: string;
  readonly seed: number;
  /** By dotted name: `train.learningRate`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly stages: readonly Pick<StageRecord, 'id' | 'use' | 'version' | 'data'>[];
  /** As given; what looks like a secret is left out of the record. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly git: ExperimentRecord['git'];
  readonly gitRefused?: string;
  readonly source?: ExperimentRecord['source'];
  /** The files that `git` and `source` say the experiment has, by path relative to it. */
  readonly sourceFiles?: readonly { readonly path: string; readonly content: Uint8Array }[];
  readonly environment: Environment;
  readonly parent: string | null;
  /** The experiment that this one runs again. */
  readonly reproduces?: string;
  readonly hideSecrets?: HideSecrets;
  /** Which part of the pipeline is to run; absent for all of it. */
  readonly range?: ExperimentRecord['range'];
}

/** Takes secrets out of text before it is written. */
export type HideSecrets = (text: string) => string;

export type MetricDeclarations = Readonly<Record<string, MetricDeclaration>>;

/** How an experiment goes on that had been stopped. */
export interface Reopening {
  /** Stages that have ended and stay as they are; every other one is to do again. */
  readonly kept: readonly string[];
  /** Of every stage, by its id. */
  readonly declarations: Readonly<Record<string, MetricDeclarations>>;
  /** As given; what looks like a secret is left out of the record. */
  readonly command: readonly string[];
  readonly hideSecrets?: HideSecrets;
  /** What the code and the machine are by now. */
  readonly origin?: Pick<NewExperiment, 'git' | 'source' | 'sourceFiles' | 'environment'>;
  /** Takes it from a process that cannot be seen from here: of another host, or of a container. */
  readonly force?: boolean | undefined;
}

/** An experiment as it is read: its record, and the status that people see. */
export interface StoredExperiment extends ReadRecord {
  readonly id: string;
  readonly dir: string;
  /** `crashed` when the record says running and the process is gone. */
  readonly status: ShownStatus;
}

/** A folder called `exp-N` that holds no record that can be read. */
export interface UnreadableExperiment extends RecordProblem {
  readonly id: string;
  readonly dir: string;
}

export interface RegistryListing {
  /** By number, smallest first. */
  readonly experiments: readonly StoredExperiment[];
  readonly unreadable: readonly UnreadableExperiment[];
}

/** An experiment's metrics, side by side. Thousands of experiments share one list of names. */
export interface LastMetrics {
  readonly names: readonly string[];
  readonly directions: readonly MetricSummary['direction'][];
  /** The value of each one's last point. */
  readonly values: Float64Array;
}

/** What a list of experiments shows of one. */
export interface ExperimentSummary extends Pick<StoredExperiment, 'id' | 'dir' | 'status'> {
  /** The pipeline's name. */
  readonly pipeline: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Milliseconds; null until it has ended. */
  readonly ms: number | null;
  readonly metrics: LastMetrics;
  /** The message's first line. */
  readonly failure: Pick<NonNullable<ExperimentRecord['failure']>, 'stage' | 'message'> | null;
  /** The stage at which it is or stopped; null when no stage is left. */
  readonly reached: Pick<StageRecord, 'id' | 'progress'> | null;
}

export interface RegistrySummary {
  /** By number, smallest first. */
  readonly experiments: readonly ExperimentSummary[];
  readonly unreadable: readonly UnreadableExperiment[];
}

/**
 * The experiments of one folder. Reading takes no lock, and writes nothing but an index that may be deleted at any time.
 */
export interface Registry {
  /** Absolute. It need not exist: it is made at the first claim. */
  readonly dir: string;
  /** Makes `exp-N`, N being one above the highest there is. Any number of processes may claim at once. */
  claim(experiment: NewExperiment): Promise<ExperimentWriter>;
  /**
   * Makes this process the one that writes an experiment which was interrupted, failed or crashed. One process at a time can.
   * @throws Failure when it finished, still runs, or another process is resuming it.
   */
  reopen(id: string, reopening: Reopening): Promise<ExperimentWriter>;
  /**
   * Every experiment, whatever its state; what cannot be read is answered as data. Metrics are as experiment.json has them:
   * a few seconds old while an experiment runs, and exact once it has ended.
   */
  list(): Promise<RegistryListing>;
  /** The same in short, for lists of thousands: experiments that have ended are taken from an index while unchanged. */
  summaries(): Promise<RegistrySummary>;
  /** One experiment by id, its metrics brought up to date. @throws Failure when there is none or it cannot be read. */
  read(id: string): Promise<StoredExperiment>;
  /**
   * By `exp-3`, `latest` (the newest finished one), `latest:<pipeline>`, or a tag.
   * @throws Failure with what exists: code `no-match-yet` when a `latest` finds nothing, exit code 2.
   */
  find(reference: string): Promise<StoredExperiment>;
  /** For stages: its record and outputs. */
  view(experiment: StoredExperiment): ExperimentView;
  /** For stages: lookup in this registry; `current` is the experiment being written. */
  lookup(current: ExperimentWriter): ExperimentLookup;
}

/** What a stage begins with. */
export interface StageStart extends Pick<
  StageRecord,
  'fingerprint' | 'code' | 'data' | 'variables' | 'resumedFrom'
> {
  /** The folder of the experiment in which it left what it goes on from: this one, or another. */
  readonly from?: string;
}

/** How a stage ended. `data`, `fingerprint` and `backend` stay as they are unless they are there. */
export interface StageEnd extends Pick<StageRecord, 'status' | 'report' | 'reason' | 'data' | 'variables'> {
  readonly fingerprint?: string | undefined;
  readonly backend?: string | undefined;
  /** True when it may still be writing: its files are not hashed. */
  readonly isAtWork?: boolean;
  /** Of its outputs, those that are no built-in ones. */
  readonly kinds?: Readonly<Record<string, RecordedKind>>;
}

/** The writing side of one experiment. One process has it; everything it writes is whole or absent. */
export interface ExperimentWriter {
  readonly id: string;
  readonly dir: string;
  /** Of the files that stages wrote, each read once; the cache takes them from here. */
  readonly hashes: FileHashes;
  /** @throws Failure, code `superseded`, when another process has taken the experiment over. So does everything that writes. */
  check(): void;
  /** As of now, the metrics' summaries included. */
  readonly record: ExperimentRecord;
  /**
   * Marks a stage running. Answers `stages/<id>/output`, created empty: what an earlier try measured and published is gone.
   * With `from` the stage goes on from what it left there: this experiment's own is kept, of another one it gets a copy, its
   * metrics included.
   */
  beginStage(stage: string, start?: StageStart): Promise<string>;
  /**
   * Gives a stage that does not run its output folder: `fill` makes it at the path that it is given, and it takes the place of
   * what is there as a whole. Until the stage ends it has not begun: what a kill leaves is nothing to go on from. Where
   * `fill` answers undefined nothing changes.
   */
  restoreStage<T>(stage: string, fill: (output: string) => Promise<T | undefined>): Promise<T | undefined>;
  /** Keeps which TensorFlow a stage has loaded. */
  setBackend(stage: string, backend: string): void;
  /** Keeps environment variables that a stage has read: a hash of each value by name, null for one that is not set. */
  setVariables(stage: string, variables: NonNullable<StageRecord['variables']>): void;
  /** Keeps what a stage drew from generators that no seed fixes; on disk when it ends. */
  setUnseeded(stage: string, unseeded: NonNullable<StageRecord['unseeded']>): void;
  /** Drops those metric points of a stage of an earlier try whose step does not satisfy this; answers how many are left. */
  keepMetrics(stage: string, keep: (step: number) => boolean, declarations: MetricDeclarations): number;
  /** Returns when the metrics so far are on disk. */
  flushMetrics(): void;
  /**
   * Appends to `stages/<id>/log.txt`: `text` as it is, so with its line ends. A log of 100 MB takes no more but what `isKept` says;
   * false for the first text that is left out.
   */
  log(stage: string, text: string, isKept?: boolean): boolean;
  /** Appends a point to metrics.jsonl and keeps the summary. */
  metric(stage: string, event: MetricEvent, declarations: MetricDeclarations): void;
  /** Keeps how far a stage is, for `pipe list`; on disk a few seconds later. */
  progress(stage: string, event: ProgressEvent): void;
  /** Makes a file or folder of the stage's output appear under `artifacts/<stage>/` (hard link, or copy). */
  publish(stage: string, path: string): Promise<void>;
  /** Appends points that were measured before, the lines of a file as they are, keeps the summary, and removes the file. */
  takePoints(stage: string, path: string, declarations: MetricDeclarations): void;
  /**
   * Records the stage's end, its outputs in `stages/<id>/stage.json` (dirs relative to the experiment), and the hashes of
   * everything that it wrote and published.
   */
  endStage(stage: string, end: StageEnd, outputs: Readonly<Record<string, Artifact>>): Promise<void>;
  /** Outputs of a stage that ended, with absolute dirs. */
  outputs(stage: string): Promise<Readonly<Record<string, Artifact>>>;
  /** Sets the backend once TensorFlow is loaded. */
  setTensorFlow(tensorflow: { kind: string; version: string }): void;
  /** Gives the space that was held back to what is still to be recorded: the run has failed, perhaps for want of it. */
  makeRoom(): void;
  /** Hashes the points, and what is not hashed yet; writes the final record. A stage that still runs ends in the same way. Call it once. */
  finish(status: 'finished' | 'failed' | 'interrupted', failure: ExperimentRecord['failure']): Promise<void>;
}
