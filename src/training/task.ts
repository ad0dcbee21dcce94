import type { Random, RandomState } from '../core/random.ts';
import type { StepDefinition, StepInput } from '../core/tensorflow.ts';
import type { Batches } from './batches.ts';

/** Weights, moving statistics and the state of optimizers, by key. */
export type StepState = Readonly<Record<string, Float32Array>>;

/** The numbers of one iteration: the outputs `[]` of the step, by name. */
export type Metrics<M extends string = string> = Readonly<Record<M, number>>;

/** One iteration, as the task's `feed` gets it. */
export interface Iteration {
  /** Counted from 1. */
  readonly iteration: number;
  /** The numbers of the batch's examples. */
  readonly indices: Uint32Array;
  /** Numbers such as noise. A checkpoint keeps the generator's state, so that resumed training draws the same ones. */
  readonly random: Random;
}

/** A kind of pictures of a training: files such as `samples/sample-000100.png`, in a folder of their own. */
export interface PictureKind {
  /** What the file names begin with, such as `sample`. */
  readonly stem: string;
  /** Whether people find them among the artifacts of the experiment. */
  readonly isPublished: boolean;
}

/** Numbers by name from which a watch over training resumes. */
export type WatchMemory = Readonly<Record<string, number>>;

/**
 * An eye on how training goes, which warns or ends it. Its memory is in every checkpoint, so that resumed training is told what
 * training without a stop is.
 */
export interface TrainingWatch<M extends string = string> {
  /** Looks at the metrics of an iteration, before its state is kept. */
  iteration(iteration: number, metrics: Metrics<M>): void;
  memory(): WatchMemory;
  /** Resumes from a checkpoint's memory, which is empty where that had no watch. */
  recall(memory: WatchMemory): void;
  /** Words on what was wrong to the end, such as `the discriminator wins since iteration 1200`. */
  conclusion?(): string | undefined;
}

/** Numbers that a validation measures. */
export interface Measured {
  readonly numbers: Metrics;
  /** How they were measured, where that is to be told; they are a point of their own then. */
  readonly protocol?: string;
  /** 95 % intervals of some of them. */
  readonly intervals?: Readonly<Record<string, readonly [low: number, high: number]>>;
}

/** Measurements on examples that are not trained on. Their memory is in every checkpoint, as a watch's is. */
export interface TrainingValidation {
  /** Iterations between two; undefined where only the last iteration is measured. */
  readonly every: number | undefined;
  isDue(iteration: number): boolean;
  /** True where what it measures is a point of its own; otherwise the numbers join the metrics of the iteration. */
  readonly hasOwnPoints: boolean;
  /** Numbers of a state. */
  measure(state: StepState, iteration: number): Promise<Measured>;
  /** Why training ends before its last iteration, such as `val_loss did not improve for 5 epochs`. */
  end(): string | undefined;
  memory(): WatchMemory;
  recall(memory: WatchMemory): void;
  /** Iterations whose states it may come back to from this memory: their checkpoints are kept. */
  needs(memory: WatchMemory): readonly number[];
  /** False for the last iteration of a longer training, which was not measured as the last one. */
  isUsable(iteration: number, memory: WatchMemory): boolean;
  /** True where a shorter training measured its last iteration: that point has numbers that this training does not give it. */
  hasForeignPoint(memory: WatchMemory): boolean;
}

/** What is trained: a step, its inputs and, if it can be seen, its pictures. */
export interface TrainingTask<M extends string = string> {
  /** Its outputs are numbers, `[]`: the metrics. It draws no random numbers of its own. */
  readonly step: StepDefinition;
  readonly batches: Batches;
  /** The inputs of the step. They follow from the iteration, the seed of the stage and `random` alone. */
  feed(iteration: Iteration): Readonly<Record<string, StepInput>>;
  /** The kinds of pictures that `snapshot` draws, by their folders. */
  readonly pictures?: Readonly<Record<string, PictureKind>>;
  /**
   * Draws PNGs of a state, one of each kind, by folder. Iteration 0 is the untrained state.
   * @throws Failure where the state is one that training cannot recover from
   */
  snapshot?(state: StepState, iteration: number): Promise<Readonly<Record<string, Uint8Array>>>;
  /**
   * Words on an iteration for the progress line, the most telling ones first; by default its metrics.
   * @param measured The newest numbers of the validation.
   */
  progress?(metrics: Metrics<M>, measured: Metrics): readonly string[];
  readonly watch?: TrainingWatch<M>;
  readonly validation?: TrainingValidation | undefined;
  /** True where people count in epochs: the progress line tells the epoch and the task's words first. */
  readonly countsEpochs?: boolean;
  /** What examples are called in the progress line, `images` by default. */
  readonly examples?: string;
  /** What to do when training diverges, as the hint of its failure. */
  readonly remedy?: string;
}

/** A state of training that can be kept: all that is needed to resume from it, and its pictures. */
export interface TrainingState {
  readonly iteration: number;
  readonly state: StepState;
  readonly random: RandomState;
  readonly pictures: Readonly<Record<string, Uint8Array>>;
  /** Of the task's watch and validation, if it has them. */
  readonly memory?: WatchMemory | undefined;
}
