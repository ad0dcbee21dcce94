/** Scores of the generator on the way, and the best one. */
import { join } from 'node:path';
import type { DatasetArtifact, ModelArtifact, ScoreReferenceArtifact } from '../../core/artifacts.ts';
import { Failure } from '../../core/failure.ts';
import { deriveSeed } from '../../core/random.ts';
import type { StageContext } from '../../core/stage.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import { withDataset, type Dataset } from '../../data/dataset.ts';
import { overlapOf } from '../../data/overlap.ts';
import type { Network } from '../../models/network.ts';
import { SCORES, type ScoreName } from '../../scores/catalogue.ts';
import { pointOf } from '../../scores/measured.ts';
import { heldOut } from '../../scores/open-reference.ts';
import { protocolOf } from '../../scores/protocol.ts';
import { trainedOnNotes } from '../../scores/trained-on.ts';
import { CHECKPOINTS } from '../earlier.ts';
import { checkpointState } from '../read-checkpoint.ts';
import type { Measured, StepState } from '../task.ts';
import { Validation } from '../validation.ts';
import { averagedWeights } from './average.ts';
import { GeneratorScorer } from './generator-scorer.ts';
import type { GanParams } from './params.ts';
import { StateGenerator } from './state-generator.ts';

interface Inputs {
  readonly dataset: DatasetArtifact;
  readonly model: ModelArtifact;
  readonly reference: ScoreReferenceArtifact | undefined;
}

type Context = StageContext<GanParams, Inputs>;

const notMeasured = ({ id }: Context, keep: ScoreName): Failure =>
  new Failure({
    code: 'score-not-measured',
    exitCode: 2,
    message: `${id}.evaluate.keep: ${keep} is not measured of this generator, so that it cannot choose the best one`,
    hint: `go by another score: --set ${id}.evaluate.keep=kid`,
  });

/** Scores the generator of states of training. Dispose of it after use. */
export class GanScoring {
  readonly validation: Validation;
  readonly #scorer: GeneratorScorer;
  readonly #generator: StateGenerator;

  private constructor(validation: Validation, scorer: GeneratorScorer, generator: StateGenerator) {
    this.validation = validation;
    this.#scorer = scorer;
    this.#generator = generator;
  }

  /**
   * Undefined where the parameters ask for no scores.
   * @throws Failure when a file of the reference is missing or damaged; Interrupted
   */
  static async open(
    context: Context,
    tensorflow: TensorFlow,
    network: Network,
    dataset: Dataset,
    iterations: number,
  ): Promise<GanScoring | undefined> {
    const { params, inputs, outputDir, seed, signal, emit } = context;
    const { reference, model } = inputs;
    if (params.evaluate === undefined || reference === undefined) return undefined;
    const { every, count, keep } = params.evaluate;
    const seen = await withDataset(heldOut(reference), held => overlapOf(held, dataset, signal));
    const protocol = protocolOf(reference, { count, seen: seen.indices.length });
    for (const text of trainedOnNotes(model, reference, seen.indices.length))
      emit({ type: 'log', level: 'warning', text });
    const scorer = await GeneratorScorer.open(tensorflow, reference);
    const generator = new StateGenerator(tensorflow, network);
    const drawing = { ...model, transform: dataset.artifact.transform };
    const measure = async (state: StepState, iteration: number): Promise<Measured> => {
      await generator.use(averagedWeights(network, state));
      const onProgress = (done: number) => {
        const text = `scoring: ${done}/${count} pictures drawn`;
        emit({ type: 'progress', done: iteration, total: iterations, unit: 'iterations', text });
      };
      const options = { count, seed: deriveSeed(seed, 'scores'), signal, onProgress };
      const { measured } = await scorer.score(generator, drawing, options);
      if (measured.scores[keep] === undefined) throw notMeasured(context, keep);
      const { values, intervals } = pointOf(measured);
      return { numbers: values, intervals, protocol };
    };
    const validation = new Validation({
      every,
      until: iterations,
      monitor: { metric: keep, direction: SCORES[keep].direction },
      hasOwnPoints: true,
      measure,
      load: iteration => checkpointState(join(outputDir, CHECKPOINTS), iteration),
    });
    return new GanScoring(validation, scorer, generator);
  }

  async dispose(): Promise<void> {
    this.#generator.dispose();
    await this.#scorer.dispose();
  }
}
