/** The writing side of an experiment: what a run gives to the registry. */
import type { Artifact } from '../core/artifacts.ts';
import type { RecordedKind } from '../core/artifacts/named-files.ts';
import type { MetricEvent, ProgressEvent } from '../core/events.ts';
import type { Environment, ExperimentRecord, StageRecord } from '../core/experiment.ts';
import type { MetricDeclaration } from '../core/stage.ts';
import type { FileHashes } from '../storage/file-hashes.ts';
import type { PublishedFile } from './stored.ts';

/** Data of an experiment that is claimed. */
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

/** How a stopped experiment is resumed. */
export interface Reopening {
  /** Stages that have ended and stay as they are; every other one runs again. */
  readonly kept: readonly string[];
  /** Of every stage, by its id. */
  readonly declarations: Readonly<Record<string, MetricDeclarations>>;
  /** As given; what looks like a secret is left out of the record. */
  readonly command: readonly string[];
  readonly hideSecrets?: HideSecrets;
  /** The code and the machine as they are now. */
  readonly origin?: Pick<NewExperiment, 'git' | 'source' | 'sourceFiles' | 'environment'>;
  /** Takes it from a process that cannot be seen from here: of another host, or of a container. */
  readonly force?: boolean | undefined;
}

/** How a stage begins. */
export interface StageStart extends Pick<
  StageRecord,
  'fingerprint' | 'code' | 'data' | 'variables' | 'resumedFrom'
> {
  /** The folder of the experiment from whose files it resumes: this one, or another. */
  readonly from?: string;
}

/** How a stage ended. `data`, `fingerprint` and `backend` stay as they are unless they are there. */
export interface StageEnd extends Pick<StageRecord, 'status' | 'report' | 'reason' | 'data' | 'variables'> {
  readonly fingerprint?: string | undefined;
  readonly backend?: string | undefined;
  /** True when it may still be writing: its files are not hashed. */
  readonly isAtWork?: boolean;
  /** The kinds of its outputs that are no built-in ones. */
  readonly kinds?: Readonly<Record<string, RecordedKind>>;
}

/** How a process ended that was to write an experiment to its end. */
export interface Death {
  readonly pid: number;
  readonly status: 'failed' | 'interrupted';
  /** The failure to record; `stage` is the one that was running. */
  readonly failure: (stage: string | null) => ExperimentRecord['failure'];
}

/** The files of an experiment's stages, as the cache keeps them. */
export interface StageFiles {
  /** A stored artifact with its folder in this experiment; undefined for what is none, or leads outside. */
  artifact(stored: unknown): Artifact | undefined;
  /** The files in `artifacts/<stage>/`, sorted by path. */
  published(stage: string): PublishedFile[];
  /** Writes the lines of a stage's points to a new file, which is on disk then. */
  copyPoints(stage: string, path: string): void;
}

/** The writing side of one experiment. One process has it; everything it writes is whole or absent. */
export interface ExperimentWriter {
  readonly id: string;
  readonly dir: string;
  /** Of the files that stages wrote, each read once; the cache takes them from here. */
  readonly hashes: FileHashes;
  readonly files: StageFiles;
  /** @throws Failure, code `superseded`, when another process has taken the experiment over. So does everything that writes. */
  check(): void;
  /** As of now, the metrics' summaries included. */
  readonly record: ExperimentRecord;
  /**
   * Marks a stage running. Returns `stages/<id>/output`, created empty: points and published files of an earlier try are gone.
   * With `from` the stage resumes from what it left there: this experiment's own is kept, of another one it gets a copy, its
   * metrics included.
   */
  beginStage(stage: string, start?: StageStart): Promise<string>;
  /**
   * Gives a stage that does not run its output folder: `fill` makes it at the path that it is given, and it takes the place of
   * what is there as a whole. Until the stage ends it has not begun: what a kill leaves is nothing to resume from. Where
   * `fill` returns undefined nothing changes.
   */
  restoreStage<T>(stage: string, fill: (output: string) => Promise<T | undefined>): Promise<T | undefined>;
  /** Keeps which TensorFlow a stage has loaded. */
  setBackend(stage: string, backend: string): void;
  /** Keeps environment variables that a stage has read: a hash of each value by name, null for one that is not set. */
  setVariables(stage: string, variables: NonNullable<StageRecord['variables']>): void;
  /** Keeps what a stage drew from generators that no seed fixes; on disk when it ends. */
  setUnseeded(stage: string, unseeded: NonNullable<StageRecord['unseeded']>): void;
  /** Drops those metric points of a stage of an earlier try whose step does not satisfy this; returns how many are left. */
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
