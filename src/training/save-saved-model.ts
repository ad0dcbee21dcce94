import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageContext } from '../core/stage.ts';
import type { TensorFlow } from '../core/tensorflow.ts';
import type { Network } from '../models/network.ts';
import { toSavedModel, type SavedNames } from '../models/saved-model.ts';
import { writeFolder } from './save-model.ts';
import type { StepState } from './task.ts';

/** Folder of a network as a SavedModel, in the output folder of the stage. */
export const SAVED_MODEL_FOLDER = 'saved-model';

/** Names of a generator: noise `[B, latent] float32` to images `[B, height, width, channels] float32`. */
export const GENERATOR_NAMES: SavedNames = { input: 'noise', output: 'images' };

/** Names of a network that predicts: examples `[B, …] float32` to probabilities or numbers `[B, outputs] float32`. */
export const PREDICTOR_NAMES: SavedNames = { input: 'examples', output: 'predictions' };

/**
 * Prepares a network to be saved and published as a SavedModel, its numbers in the data set's transformed range; a conditional one
 * also takes `labels [B] int32`.
 * @param beside Texts of further files in the folder, by name.
 * @throws Failure where it cannot be saved: see `TensorFlow.savedModel`
 */
export function prepareSavedModel(
  { outputDir, emit }: Pick<StageContext, 'outputDir' | 'emit'>,
  tensorflow: TensorFlow,
  network: Network,
  names: SavedNames,
  beside: Readonly<Record<string, string>> = {},
): (weights: StepState) => Promise<void> {
  const bytesOf = toSavedModel(tensorflow, network, names);
  return async weights => {
    await writeFolder(join(outputDir, SAVED_MODEL_FOLDER), async folder => {
      await writeFile(join(folder, 'saved_model.pb'), bytesOf(weights));
      for (const [name, text] of Object.entries(beside)) await writeFile(join(folder, name), text);
    });
    emit({ type: 'publish', path: SAVED_MODEL_FOLDER });
  };
}
