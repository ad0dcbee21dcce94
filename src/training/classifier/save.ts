import { join } from 'node:path';
import type { PredictorArtifact } from '../../core/artifacts.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { Network } from '../../models/network.ts';
import { CHECKPOINTS } from '../earlier.ts';
import { checkpointState } from '../read-checkpoint.ts';
import { saveNetwork } from '../save-network.ts';
import { PREDICTOR_NAMES, prepareSavedModel, SAVED_MODEL_FOLDER } from '../save-saved-model.ts';
import type { StepState } from '../task.ts';
import type { FitContext } from './fit.ts';
import { DESCRIPTION_FILE, describePredictor, predictorFacts } from './predictor-artifact.ts';

/** Folder of the network with its last weights, where its best ones are saved as the network. */
const LAST_NETWORK = 'network-last';

/** States of a training that is over. */
export interface TrainedStates {
  readonly iterations: number;
  readonly last: StepState;
  /** The iteration of the best state. */
  readonly best: number;
  readonly weights: StepState;
}

/** The best of the states, from its checkpoint where it is not the last one. */
export async function trainedStates(
  { outputDir }: Pick<FitContext, 'outputDir'>,
  {
    iterations,
    last,
    best = iterations,
  }: Omit<TrainedStates, 'weights' | 'best'> & { best?: number | undefined },
): Promise<TrainedStates> {
  const weights = best === iterations ? last : await checkpointState(join(outputDir, CHECKPOINTS), best);
  return { iterations, last, best, weights };
}

/**
 * Prepares a trained network to be saved: as a layers model, and as a SavedModel where parameters say so.
 * @throws Failure at once where it cannot be saved: see `TensorFlow.savedModel`
 */
export function preparePredictor(
  context: FitContext,
  tensorflow: TensorFlow,
  network: Network,
): (trained: TrainedStates) => Promise<PredictorArtifact> {
  const { params, inputs, outputDir } = context;
  const { network: written, savedModel } = params;
  const facts = predictorFacts(
    typeof written === 'string' ? written : (written.name ?? 'own'),
    inputs.dataset,
  );
  const beside = { [DESCRIPTION_FILE]: describePredictor(facts) };
  const saveSavedModel = savedModel
    ? prepareSavedModel(context, tensorflow, network, PREDICTOR_NAMES, beside)
    : undefined;
  return async ({ iterations, last, best, weights }) => {
    await saveNetwork(context, network, weights, beside);
    const hasLast = best !== iterations;
    if (hasLast) await saveNetwork(context, { ...network, name: LAST_NETWORK }, last, beside);
    await saveSavedModel?.(weights);
    return {
      kind: 'predictor',
      dir: outputDir,
      ...facts,
      network: network.name,
      ...(hasLast && { lastNetwork: LAST_NETWORK }),
      ...(savedModel && { savedModel: SAVED_MODEL_FOLDER }),
      iteration: best,
    };
  };
}
