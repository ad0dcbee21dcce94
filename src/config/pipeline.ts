import type { AnyStage } from '../core/stage.ts';
import type { Location, Problem } from '../core/failure.ts';

/** A parameter whose value is not to be written down. */
export interface SecretParam {
  readonly path: readonly (string | number)[];
  /** The reference that gives the value when a pipeline is read: `${env.API_TOKEN}`, perhaps within a text. */
  readonly reference: string;
}

/** A stage of a valid pipeline: parameters complete with defaults, overrides applied, without what has no effect. */
export interface PipelineStage {
  readonly id: string;
  /** As written: a stage's name, or the path of a user's stage file. */
  readonly use: string;
  readonly stage: AnyStage;
  /** Only those that have an effect. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Dotted names of the parameters that have none beside the others; absent where there are none. */
  readonly ignored?: readonly string[];
  /** Those of the parameters, at any depth, that secrets of the environment give; absent where there are none. */
  readonly secrets?: readonly SecretParam[];
  /** Explicit inputs only: input name → `stage-id` or `stage-id.output`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Files that the user's stage was built from; empty for a built-in stage. */
  readonly files: readonly string[];
  readonly location: Location;
  /** Where a parameter, or a part of one, is written; or else the nearest thing around it. */
  readonly locate: (path: readonly (string | number)[]) => Location;
  /** Where each explicit input is written, by input name. */
  readonly inputLocations: Readonly<Record<string, Location>>;
}

/** A pipeline that passed validation. Only src/config/ makes one. */
export interface ValidPipeline {
  readonly name: string;
  readonly seed: number;
  /** As given on the command line. */
  readonly file: string;
  /** Absolute folder of the pipeline file. */
  readonly dir: string;
  /** Absolute paths of everything that was read: the file, what it extends, users' stage files. For `pipe watch`. */
  readonly sources: readonly string[];
  /** Names of the environment variables that it reads as `${env.NAME}`. */
  readonly fromEnvironment?: readonly string[];
  /** The pipeline file's text as given. */
  readonly givenText: string;
  /** The resolved pipeline as YAML: one file, no variables, every parameter. Runs as it stands. */
  readonly resolvedText: string;
  readonly stages: readonly PipelineStage[];
  /** Warnings, which stop nothing. */
  readonly warnings: readonly Problem[];
}
