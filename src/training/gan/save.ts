import { join } from 'node:path';
import type { DatasetArtifact, ModelArtifact, TrainedModelArtifact } from '../../core/artifacts.ts';
import type { StageContext } from '../../core/stage.ts';
import type { Gan } from '../../models/gan.ts';
import { CHECKPOINTS } from '../earlier.ts';
import { checkpointState } from '../read-checkpoint.ts';
import { saveNetwork } from '../save-network.ts';
import { SAVED_MODEL_FOLDER } from '../save-saved-model.ts';
import type { StepState } from '../task.ts';
import { averagedWeights, LAST_GENERATOR } from './average.ts';
import { describeGenerator, GENERATOR_FILE } from './generator-description.ts';
import type { GanParams } from './params.ts';

/** Folder of the generator that scored best. */
const BEST_GENERATOR = 'generator-best';

interface Inputs {
  readonly dataset: DatasetArtifact;
  readonly model: ModelArtifact;
}

/** A training that is over. */
export interface TrainedGan {
  readonly state: StepState;
  readonly iterations: number;
  /** The iteration whose generator scored best, where generators were scored. */
  readonly best: number | undefined;
}

/** Saves both networks, and the other generators that there are, each with its description; returns them as an artifact. */
export async function saveGan(
  context: StageContext<GanParams, Inputs>,
  { generator, discriminator }: Gan,
  { state, iterations, best }: TrainedGan,
): Promise<TrainedModelArtifact> {
  const { params, inputs, outputDir } = context;
  const { model, latentDim, conditional, imageShape, classes } = inputs.model;
  const facts = { model, latentDim, conditional, imageShape, classes, transform: inputs.dataset.transform };
  const save = (name: string, weights: StepState, iteration: number) =>
    saveNetwork(context, { ...generator, name }, weights, {
      [GENERATOR_FILE]: describeGenerator(facts, iteration),
    });
  await save(generator.name, averagedWeights(generator, state), iterations);
  await saveNetwork(context, discriminator, state);
  if (params.ema !== undefined) await save(LAST_GENERATOR, state, iterations);
  if (best !== undefined) {
    const bestState = best === iterations ? state : await checkpointState(join(outputDir, CHECKPOINTS), best);
    await save(BEST_GENERATOR, averagedWeights(generator, bestState), best);
  }
  return {
    kind: 'trained-model',
    dir: outputDir,
    ...facts,
    generator: generator.name,
    discriminator: discriminator.name,
    ...(params.ema !== undefined && { lastGenerator: LAST_GENERATOR }),
    ...(best !== undefined && { bestGenerator: BEST_GENERATOR, bestIteration: best }),
    ...(params.savedModel && { savedModel: SAVED_MODEL_FOLDER }),
    iterations,
  };
}
