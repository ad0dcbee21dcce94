import type { Artifact } from '../core/artifacts.ts';
import type { MetricEvent } from '../core/events.ts';
import type { Environment, ExperimentRecord, ShownStatus, StageRecord } from '../core/experiment.ts';
import type { MetricDeclaration } from '../core/stage.ts';

/** What is known when an experiment is claimed. */
export interface NewExperiment {
  readonly pipelineName: string;
  readonly pipelineFile: string;
  readonly givenText: string;
  readonly resolvedText: string;
  readonly seed: number;
  /** By dotted name: `train.learningRate`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly stages: readonly { readonly id: string; readonly use: string; readonly version: number }[];
  readonly command: readonly string[];
  readonly cwd: string;
  readonly git: ExperimentRecord['git'];
  readonly environment: Environment;
  readonly parent: string | null;
}

/** An experiment as it is read: its record, and the status that people see. */
export interface StoredExperiment {
  readonly id: string;
  readonly dir: string;
  readonly record: ExperimentRecord;
  /** `crashed` when the record says running and the process is gone. */
  readonly status: ShownStatus;
}

/** The writing side of one experiment. One process has it; everything it writes is whole or absent. */
export interface ExperimentWriter {
  readonly id: string;
  readonly dir: string;
  readonly record: ExperimentRecord;
  /** `stages/<id>/output`, created empty. */
  beginStage(stage: string): Promise<string>;
  /** Appends to `stages/<id>/log.txt`. */
  log(stage: string, text: string): void;
  /** Appends a point to metrics.jsonl and keeps the summary. */
  metric(stage: string, event: MetricEvent, declarations: Readonly<Record<string, MetricDeclaration>>): void;
  /** Makes a file or folder of the stage's output appear under `artifacts/<stage>/` (hard link, or copy). */
  publish(stage: string, path: string): Promise<void>;
  /** Records the stage's end, and its outputs in `stages/<id>/stage.json` (dirs relative to the experiment). */
  endStage(
    stage: string,
    end: Pick<StageRecord, 'status' | 'report' | 'reason'>,
    outputs: Readonly<Record<string, Artifact>>,
  ): Promise<void>;
  /** Outputs of a stage that ended, with absolute dirs. */
  outputs(stage: string): Promise<Readonly<Record<string, Artifact>>>;
  /** Sets the backend once TensorFlow is loaded. */
  setTensorFlow(tensorflow: { kind: string; version: string }): void;
  /** Hashes the artifacts, writes the final record. */
  finish(status: 'finished' | 'failed' | 'interrupted', failure: ExperimentRecord['failure']): Promise<void>;
}
