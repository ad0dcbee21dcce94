/** The writing side of an experiment, which a run uses. */
import type { Artifact } from '../core/artifacts.ts';
import type { RecordedKind } from '../core/artifacts/named-files.ts';
import type { MetricEvent, ProgressEvent } from '../core/events.ts';
import type { Environment, ExperimentRecord, StageRecord, TrialRecord } from '../core/experiment.ts';
import type { MetricDeclaration } from '../core/stage.ts';
import type { FileHashes } from '../storage/file-hashes.ts';
import type { PublishedFile } from './stored.ts';

/** Data of a new experiment. */
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
  /** The files that `git` and `source` refer to, by path relative to the experiment. */
  readonly sourceFiles?: readonly { readonly path: string; readonly content: Uint8Array }[];
  readonly environment: Environment;
  readonly parent: string | null;
  /** The experiment that this one reproduces. */
  readonly reproduces?: string;
  /** The trial of a sweep that this experiment is. */
  readonly sweep?: TrialRecord;
  readonly hideSecrets?: HideSecrets;
  /** The part of the pipeline to run; absent for all of it. */
  readonly range?: ExperimentRecord['range'];
}

/** Removes secrets from text before it is written. */
export type HideSecrets = (text: string) => string;

export type MetricDeclarations = Readonly<Record<string, MetricDeclaration>>;

/** Options of resuming a stopped experiment. */
export interface Reopening {
  /** Stages that have ended and stay as they are; every other one runs again. */
  readonly kept: readonly string[];
  /** Metric declarations of every stage, by its id. */
  readonly declarations: Readonly<Record<string, MetricDeclarations>>;
  /** As given; what looks like a secret is left out of the record. */
  readonly command: readonly string[];
  readonly hideSecrets?: HideSecrets;
  /** The current code and machine. */
  readonly origin?: Pick<NewExperiment, 'git' | 'source' | 'sourceFiles' | 'environment'>;
  /** Takes it over from a process that is not visible from here: of another host or container. */
  readonly force?: boolean | undefined;
}

/** The start of a stage. */
export interface StageStart extends Pick<
  StageRecord,
  'fingerprint' | 'code' | 'data' | 'variables' | 'resumedFrom'
> {
  /** The folder of the experiment whose files it resumes from: this one or another. */
  readonly from?: string;
}

/** The end of a stage. Absent `data`, `fingerprint` and `backend` stay unchanged. */
export interface StageEnd extends Pick<StageRecord, 'status' | 'report' | 'reason' | 'data' | 'variables'> {
  readonly fingerprint?: string | undefined;
  readonly backend?: string | undefined;
  /** True while it may still be writing: its files are not hashed. */
  readonly isAtWork?: boolean;
  /** The user's own kinds of its outputs. */
  readonly kinds?: Readonly<Record<string, RecordedKind>>;
}

/** The end of a process before it finished its experiment. */
export interface Death {
  readonly pid: number;
  readonly status: 'failed' | 'interrupted';
  /** The failure to record; `stage` is the one that was running. */
  readonly failure: (stage: string | null) => ExperimentRecord['failure'];
}

/** The files of an experiment's stages that the cache stores. */
export interface StageFiles {
  /** A stored artifact with its folder in this experiment; undefined if it is invalid or leads outside. */
  artifact(stored: unknown): Artifact | undefined;
  /** The files in `artifacts/<stage>/`, sorted by path. */
  published(stage: string): PublishedFile[];
  /** Writes a stage's points to a new file and waits until it is on disk. */
  copyPoints(stage: string, path: string): void;
}

/** The writing side of one experiment. One process has it; everything it writes is complete or absent. */
export interface ExperimentWriter {
  readonly id: string;
  readonly dir: string;
  /** Hashes of the files that stages wrote, each read once; the cache reuses them. */
  readonly hashes: FileHashes;
  readonly files: StageFiles;
  /**
   * @throws Failure, code `superseded`, when another process has taken over the experiment. All writing methods throw it as well.
   */
  check(): void;
  /** The current record, with the metrics' summaries. */
  readonly record: ExperimentRecord;
  /**
   * Marks a stage as running. Returns `stages/<id>/output`, created empty: points and published files of an earlier attempt are
   * removed. With `from` the stage resumes from its files there: this experiment's own are kept, those of another one are copied,
   * metrics included.
   */
  beginStage(stage: string, start?: StageStart): Promise<string>;
  /**
   * Provides the output folder of a stage that does not run: `fill` creates it at the given path, and it replaces the existing
   * one as a whole. The stage does not count as begun until it ends, so a kill leaves nothing to resume from. Where `fill`
   * returns undefined nothing changes.
   */
  restoreStage<T>(stage: string, fill: (output: string) => Promise<T | undefined>): Promise<T | undefined>;
  /** Records the TensorFlow backend that a stage has loaded. */
  setBackend(stage: string, backend: string): void;
  /** Records environment variables that a stage has read: a hash of each value by name, null for one that is not set. */
  setVariables(stage: string, variables: NonNullable<StageRecord['variables']>): void;
  /** Records a stage's draws from unseeded generators; on disk when it ends. */
  setUnseeded(stage: string, unseeded: NonNullable<StageRecord['unseeded']>): void;
  /**
   * Drops the metric points of a stage's earlier attempt whose step does not satisfy the condition; returns how many are left.
   */
  keepMetrics(stage: string, keep: (step: number) => boolean, declarations: MetricDeclarations): number;
  /** Waits until the metrics so far are on disk. */
  flushMetrics(): void;
  /**
   * Appends `text`, which includes its line ends, to `stages/<id>/log.txt`. A log of 100 MB takes only text that `isKept`;
   * returns false for the first text that is left out.
   */
  log(stage: string, text: string, isKept?: boolean): boolean;
  /** Appends a point to metrics.jsonl and updates the summary. */
  metric(stage: string, event: MetricEvent, declarations: MetricDeclarations): void;
  /** Records a stage's progress, for `pipe list`; on disk a few seconds later. */
  progress(stage: string, event: ProgressEvent): void;
  /** Makes a file or folder of the stage's output appear under `artifacts/<stage>/` (hard link, or copy). */
  publish(stage: string, path: string): Promise<void>;
  /** Appends earlier points, the lines of a file, updates the summary, and removes the file. */
  takePoints(stage: string, path: string, declarations: MetricDeclarations): void;
  /**
   * Records the stage's end, its outputs in `stages/<id>/stage.json` (folders relative to the experiment), and the hashes of all
   * files that it wrote and published.
   */
  endStage(stage: string, end: StageEnd, outputs: Readonly<Record<string, Artifact>>): Promise<void>;
  /** Outputs of an ended stage, with absolute folders. */
  outputs(stage: string): Promise<Readonly<Record<string, Artifact>>>;
  /** Sets the backend once TensorFlow is loaded. */
  setTensorFlow(tensorflow: { kind: string; version: string }): void;
  /** Releases the reserved disk space for what is still to be recorded: the run has failed, perhaps on a full disk. */
  makeRoom(): void;
  /**
   * Hashes the points and files not hashed yet, and writes the final record. A stage that still runs ends in the same way. Call
   * it once.
   */
  finish(status: 'finished' | 'failed' | 'interrupted', failure: ExperimentRecord['failure']): Promise<void>;
}
