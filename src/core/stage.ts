import type { Static, TObject } from 'typebox';
import type { Env } from './env.ts';
import type { Artifact } from './artifacts.ts';
import type { ArtifactOf, KindReference } from './artifacts/built-in.ts';
import type { StageEvent } from './events.ts';
import type { ExperimentRecord, ShownStatus } from './experiment.ts';
import type { Problem } from './failure.ts';
import type { InputsOf, OutlinesOf, OutputsOf, Ports } from './ports.ts';
import type { TensorFlow } from './tensorflow.ts';

/** Declaration of a metric: what it means, its unit, and which direction is better (`none` for GAN losses). */
export interface MetricDeclaration {
  readonly description: string;
  readonly direction: 'min' | 'max' | 'none';
  readonly unit?: string;
  /**
   * True for a speed or a duration, which differs in every run: `pipe reproduce` does not compare it. Records call it
   * `measuresTime`.
   */
  readonly wallClock?: boolean;
}

/** An output of a stage in an experiment. */
export interface StoredOutput<A extends Artifact = Artifact> {
  readonly stage: string;
  readonly name: string;
  readonly artifact: A;
}

/** An experiment of the registry as a stage sees it. Read-only. */
export interface ExperimentView {
  readonly record: ExperimentRecord;
  /** The status that people see, where it differs from the record's: `crashed`. */
  readonly status?: ShownStatus;
  readonly dir: string;
  /** Every output of its finished stages, in stage order, with absolute `dir`. */
  outputs(): Promise<readonly StoredOutput[]>;
  /** Those of one kind. @throws Failure for an output whose fields do not match the kind. */
  outputs<R extends KindReference>(kind: R): Promise<readonly StoredOutput<ArtifactOf<R>>[]>;
}

/** Lookup of experiments by `exp-3`, `latest`, `latest:<pipeline>`, or a tag. @throws Failure that names what exists. */
export interface ExperimentLookup {
  find(reference: string): Promise<ExperimentView>;
  /** This experiment, with the metrics so far. */
  current(): Promise<ExperimentView>;
}

/** Control of a resuming stage over what its previous attempt left. */
export interface StageResume {
  /**
   * Keeps the previous metric points whose step satisfies the condition and drops the others. Call it before the first point.
   * Returns how many were kept.
   */
  keepMetrics(keep: (step: number) => boolean): number;
  /**
   * Declares that the result will be the same as that of a run from the beginning with these parameters. Only then can it be
   * reused by other runs.
   */
  markReproducible(): void;
}

/** Changes that a stage accepts when it resumes. */
export interface Resumable<P, I> {
  /** The parameters that may differ, by name. */
  readonly parameters: readonly string[];
  /**
   * The parameters that lengthen the stage, by name: numbers, of which the first one that is set decides. `pipe resume` of a
   * finished experiment proposes twice as much.
   */
  readonly lengthenedBy?: readonly string[];
  /** True for a stage that pauses at the step that `StageContext.pauseAt` names. */
  readonly pausable?: boolean;
  /** Returns what prevents resuming, where differences of the accepted parameters would change what is done. */
  readonly obstacle?: (change: ResumeChange<P, I>) => Promise<ResumeObstacle | undefined>;
}

/** A stage that is to resume with other parameters. */
export interface ResumeChange<P, I> {
  /** The stage's id. */
  readonly id: string;
  /** The parameters with which the stage began. */
  readonly then: P;
  readonly now: P;
  /** The inputs, which are the same. */
  readonly inputs: I;
  /** The folder with what the stage left. It is read, not written to. */
  readonly outputDir: string;
}

export interface ResumeObstacle {
  /** Words that follow a colon, such as `its learning rate at iteration 1 was 0.1 and would be 0.2`. */
  readonly reason: string;
  /** What to do instead. */
  readonly hint?: string;
}

export interface StageContext<P = unknown, I = unknown> {
  /** The stage's id in this pipeline. */
  readonly id: string;
  readonly params: P;
  /** Outputs of earlier stages. Their files are shared with other experiments: read them, and write to `outputDir`. */
  readonly inputs: I;
  /** A 32-bit seed of this stage alone, derived from the pipeline's seed and the stage's id. */
  readonly seed: number;
  /** Aborted on Ctrl-C: finish the iteration, save, and throw `Interrupted`. */
  readonly signal: AbortSignal;
  /** Set when a resumable stage resumes: `outputDir` then holds what it wrote before, complete or not. */
  readonly resume?: StageResume;
  /**
   * Set for a pausable stage that is to stop after this step, counted as its progress is: measure what is due, save, and throw
   * `Paused`. Ignore it when it is no step before the last one, or the stage resumes from a later state.
   */
  readonly pauseAt?: number;
  /** The folder to write into; it exists and is empty, unless `resume` is set. */
  readonly outputDir: string;
  /** The working folder of the command. All stages share it: do not change it. */
  readonly cwd: string;
  /** The folder of the pipeline file; relative paths in parameters start here or in the working folder. */
  readonly pipelineDir: string;
  /** `$PIPE_HOME`: downloaded data and the TensorFlow library. */
  readonly home: string;
  readonly env: Env;
  readonly experiments: ExperimentLookup;
  emit(this: void, event: StageEvent): void;
  /** The closing words of the stage's line, such as `60,000 images, 10 classes`. */
  report(this: void, text: string): void;
  /** Loads TensorFlow at the first call. */
  tensorflow(this: void): Promise<TensorFlow>;
}

/** Services for a stage's `cacheKey`. */
export interface CacheKeyContext extends Pick<StageContext, 'id' | 'pipelineDir' | 'home' | 'env'> {
  readonly cwd: string;
  /** A hash of a file's content, or of a folder's: names and contents. Read again only when a size, time or inode differs. */
  readonly digest: (path: string) => Promise<string>;
}

/**
 * A stage: one file, one default export made by `defineStage`. Its name is the file's name.
 *
 * `params` is a TypeBox object: types, validation, editor completion and documentation follow from it. Every property has a
 * description; one with a default may be left out in YAML and is always there in `context.params`.
 */
export interface StageDefinition<
  P extends TObject = TObject,
  I extends Ports = Ports,
  O extends Ports = Ports,
> {
  readonly name: string;
  /** Raised when the meaning of the outputs changes, so that cached results are not reused. */
  readonly version: number;
  /** One line, for `pipe stages`. */
  readonly summary: string;
  readonly params: P;
  readonly inputs: I;
  readonly outputs: O;
  readonly metrics?: Readonly<Record<string, MetricDeclaration>>;
  /** True for stages whose result depends on more than parameters and inputs (such as other experiments). */
  readonly alwaysRun?: boolean | ((params: Static<P>) => boolean);
  /** True for a stage that always runs and only reads experiments: by itself no reason for a new one. */
  readonly reportOnly?: boolean;
  /**
   * Files of the output folder, by their paths in it, that differ in every run, as they hold times or the experiment's
   * id: `pipe reproduce` does not compare them. A folder ends in a slash.
   */
  readonly nondeterministicFiles?: readonly string[];
  /**
   * A key of what the result depends on beside parameters and inputs: the content of the files and folders that parameters with
   * `path: true` name, wherever they lie. By default, their whole content counts.
   */
  readonly cacheKey?: (params: Static<P>, context: CacheKeyContext) => Promise<string>;
  /**
   * The changes that a stage accepts when it resumes from what it wrote before it was stopped (see `StageContext.resume`). A list
   * of names is short for `parameters`.
   */
  readonly resumable?: readonly string[] | Resumable<Static<P>, InputsOf<I>>;
  /** Checks what a schema cannot express, without I/O. See ParamProblem for how a problem names its parameter. */
  readonly check?: (params: Static<P>) => readonly ParamProblem[];
  /**
   * The parameters that the given ones make ineffective, such as `epochs` where `iterations` is given. They are left out of
   * `context.params`, the record and the fingerprint; setting one gives a warning.
   */
  readonly ignores?: (params: Static<P>) => readonly IgnoredParam[];
  /** The omittable outputs that these parameters leave out. All others are there. */
  readonly omits?: (params: Static<P>) => readonly OmittedOutput[];
  /**
   * Inputs that come from earlier experiments instead of this pipeline, as parameters such as `from: exp-3` say: each is the last
   * output of its kind there. What it contains counts for the cache.
   */
  readonly borrows?: (params: Static<P>) => readonly BorrowedInput[];
  /**
   * Known properties of the outputs and problems of the inputs, without I/O, so that mistakes are found before an experiment
   * begins. By default, nothing is known of the outputs.
   */
  readonly outline?: (params: Static<P>, inputs: OutlinesOf<I>) => StageOutline<O>;
  readonly run: (context: StageContext<Static<P>, InputsOf<I>>) => Promise<OutputsOf<O>>;
}

export interface StageOutline<O extends Ports = Ports> {
  readonly outputs?: Partial<OutlinesOf<O>>;
  readonly problems?: readonly ParamProblem[];
}

/** A problem with one parameter, located later by its path, such as `['sample', 'every']`. */
export interface ParamProblem extends Omit<Problem, 'location'> {
  readonly path: readonly (string | number)[];
}

/** A parameter that has no effect. */
export interface IgnoredParam {
  /** Such as `['epochs']`. */
  readonly path: readonly string[];
  /** The parameter that decides instead, such as `['iterations']`. */
  readonly because: readonly string[];
  /** What to do to give it an effect. */
  readonly hint?: string;
}

/** An output that is not made. */
export interface OmittedOutput {
  readonly output: string;
  /** The parameter that decides it, such as `['test']`. */
  readonly because: readonly string[];
}

/** An input that comes from an earlier experiment. */
export interface BorrowedInput {
  readonly input: string;
  /** `exp-3`, `latest`, `latest:<pipeline>`, or a tag. */
  readonly experiment: string;
  /** The parameter that says so, such as `['from']`. */
  readonly because: readonly string[];
}

/** Any stage, when its parameter types do not matter. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are contravariant; the runner validates before it calls
export type AnyStage = StageDefinition<any, any, any>;

/** Declares a stage; the types of `context.params` and `context.inputs` follow from the record. */
export function defineStage<P extends TObject, const I extends Ports, const O extends Ports>(
  definition: StageDefinition<P, I, O>,
): StageDefinition<P, I, O> {
  return definition;
}
