/** The work of the stage `fit`. */
import { join } from 'node:path';
import type { DatasetArtifact } from '../../core/artifacts.ts';
import { Failure, isError } from '../../core/failure.ts';
import type { StageContext } from '../../core/stage.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import { withExamples, type Examples } from '../../data/dataset.ts';
import { grouped } from '../../data/report.ts';
import type { Network } from '../../models/network.ts';
import { iterationsPerEpoch } from '../batches.ts';
import { CHECKPOINTS } from '../earlier.ts';
import { checkpointState } from '../read-checkpoint.ts';
import { optimizerOf } from '../optimizers/param.ts';
import { scheduleOf } from '../schedule-param.ts';
import type { StepState } from '../task.ts';
import { classWeightsOf } from './class-weights.ts';
import { evaluate } from './evaluate.ts';
import { Inference } from './inference.ts';
import { directionOf, scoreMetrics, type MeasuredPart } from './metrics.ts';
import type { FitParams } from './params.ts';
import { knownOutline } from './prediction.ts';
import { fitProblems } from './problems.ts';
import type { FitTaskOptions } from './task.ts';
import { Validation } from '../validation.ts';

export interface FitInputs {
  readonly dataset: DatasetArtifact;
  readonly validation: DatasetArtifact | undefined;
  readonly test: DatasetArtifact | undefined;
}

export type FitContext = StageContext<FitParams, FitInputs>;

/** Data sets that are open; those that are measured are seen through the transform of the one that is trained on. */
export interface OpenParts {
  readonly dataset: Examples;
  readonly validation: Examples | undefined;
  readonly test: Examples | undefined;
}

/** The last iteration. */
export const fitIterations = (
  { iterations, epochs, batchSize }: FitParams,
  { count }: DatasetArtifact,
): number => iterations ?? epochs * iterationsPerEpoch({ count, batchSize });

/** @throws Failure with the first thing that keeps a network from learning from the data by these parameters */
export function checkFitData({ params, inputs }: FitContext): void {
  const [dataset, validation, test] = [inputs.dataset, inputs.validation, inputs.test].map(
    artifact => artifact && knownOutline(artifact),
  );
  const problem = fitProblems(params, { dataset: dataset ?? {}, validation, test }).find(isError);
  if (problem !== undefined) throw new Failure({ ...problem, exitCode: 2 });
}

/** Opens all parts for the duration of an operation. */
export const withParts = <T>(
  { dataset, validation, test }: FitInputs,
  use: (parts: OpenParts) => Promise<T>,
): Promise<T> => {
  const orNone = <R>(
    artifact: DatasetArtifact | undefined,
    then: (part: Examples | undefined) => Promise<R>,
  ) => (artifact === undefined ? then(undefined) : withExamples(artifact, then));
  return withExamples(dataset, open =>
    orNone(validation, openValidation =>
      orNone(test, openTest => use({ dataset: open, validation: openValidation, test: openTest })),
    ),
  );
};

/** A network that is measured on the parts that are not trained on. Dispose of it after use. */
export class PartScores {
  readonly #parts: OpenParts;
  readonly #inference: Inference;
  readonly #context: FitContext;

  constructor(context: FitContext, tensorflow: TensorFlow, network: Network, parts: OpenParts) {
    const { transform } = parts.dataset.artifact;
    const { batchSize } = context.params.validation;
    this.#parts = parts;
    this.#inference = new Inference(tensorflow, network, { transform, batchSize });
    this.#context = context;
  }

  /** Scores of a part that there is, by the state after an iteration, with `wrongest` mistakes. Tells progress. */
  async of(part: 'validation' | 'test', state: StepState, iteration: number, wrongest = 0) {
    const { params, inputs, emit } = this.#context;
    const examples = this.#parts[part] as Examples;
    const total = fitIterations(params, inputs.dataset);
    const { count } = examples.artifact;
    const onBatch = (done: number) => {
      const text = `measuring the ${part} part: ${grouped(done)}/${grouped(count)}`;
      emit({ type: 'progress', done: iteration, total, unit: 'iterations', text });
    };
    return evaluate(this.#inference, state, examples, { k: params.topK, wrongest, onBatch });
  }

  /** The same as metrics. */
  async metrics(part: 'validation' | 'test', state: StepState, iteration: number) {
    const name: MeasuredPart = part === 'validation' ? 'val' : 'test';
    return scoreMetrics(name, await this.of(part, state, iteration));
  }

  dispose(): Promise<void> {
    return this.#inference.dispose();
  }
}

/** The validation of a training; undefined where nothing is measured. */
export function fitValidation(
  { params, inputs, outputDir }: FitContext,
  scores: PartScores,
): Validation | undefined {
  const { dataset, validation, test } = inputs;
  if (validation === undefined && test === undefined) return undefined;
  const { monitor = dataset.targets === undefined ? 'val_accuracy' : 'val_loss', earlyStopping } = params;
  return new Validation({
    every: validation && params.validation.every * iterationsPerEpoch({ count: dataset.count, ...params }),
    until: fitIterations(params, dataset),
    monitor: { metric: monitor, direction: directionOf(monitor) },
    earlyStopping,
    measure: async (state, iteration) => ({ numbers: await scores.metrics('validation', state, iteration) }),
    conclude: test && ((state, iteration) => scores.metrics('test', state, iteration)),
    load: iteration => checkpointState(join(outputDir, CHECKPOINTS), iteration),
  });
}

export function fitTaskOptions(
  { id, params, seed, inputs }: FitContext,
  dataset: Examples,
  validation: Validation | undefined,
): FitTaskOptions {
  const { batchSize, shuffle, balanced, augment, labelSmoothing, mixup, classWeights } = params;
  const { classes } = dataset.artifact;
  const weights = classWeights && classWeightsOf(classWeights, { classes, labels: dataset.labels, id });
  return {
    seed,
    batchSize,
    shuffle,
    mixup,
    balancedBy: balanced ? dataset.labels : undefined,
    learningRate: scheduleOf({ ...params, iterations: fitIterations(params, inputs.dataset) }),
    settings: { seed, optimizer: optimizerOf(params), augment, labelSmoothing, classWeights: weights },
    validation,
    remedy: `Try a smaller learning rate, --set ${id}.learningRate=${Number((params.learningRate / 10).toPrecision(6))}, or clip gradients: --set ${id}.clipNorm=1`,
  };
}
