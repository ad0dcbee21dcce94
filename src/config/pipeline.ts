import type { AnyStage, BorrowedInput, OmittedOutput } from '../core/stage.ts';
import type { Location, Problem } from '../core/failure.ts';

/** A parameter whose value must not be recorded. */
export interface SecretParam {
  readonly path: readonly (string | number)[];
  /** The reference to the value: `${env.API_TOKEN}`, perhaps within a text. */
  readonly reference: string;
}

/** A stage of a valid pipeline: parameters complete with defaults, overrides applied, without what has no effect. */
export interface PipelineStage {
  readonly id: string;
  /** As written: a stage's name, or the path of a user's stage file. */
  readonly use: string;
  readonly stage: AnyStage;
  /** The parameters that have an effect. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Dotted names of the parameters without effect; absent if none. */
  readonly ignored?: readonly string[];
  /** Outputs that the parameters leave out; absent if none. */
  readonly omitted?: readonly OmittedOutput[];
  /** Inputs that come from earlier experiments; absent if none. */
  readonly borrowed?: readonly BorrowedInput[];
  /** Parameters, at any depth, with values from secret environment variables; absent if none. */
  readonly secrets?: readonly SecretParam[];
  /** Replaces the pipeline's seed for this stage. */
  readonly seed?: number;
  /** Explicit inputs only: input name → `stage-id` or `stage-id.output`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Files that the user's stage was built from; empty for a built-in stage. */
  readonly files: readonly string[];
  readonly location: Location;
  /** The location of a parameter or a part of one, or of the nearest thing around it. */
  readonly locate: (path: readonly (string | number)[]) => Location;
  /** Locations of explicit inputs, by input name. */
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
  /** Absolute paths of all files read: the file, those it extends, users' stage files. For `pipe watch`. */
  readonly sources: readonly string[];
  /** Names of the environment variables that it reads as `${env.NAME}`. */
  readonly fromEnvironment?: readonly string[];
  /** The pipeline file's text as given. */
  readonly givenText: string;
  /** The resolved pipeline as YAML: one file, no variables, every parameter. It can be run. */
  readonly resolvedText: string;
  readonly stages: readonly PipelineStage[];
  /** Warnings, which stop nothing. */
  readonly warnings: readonly Problem[];
}
