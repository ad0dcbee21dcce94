import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageContext } from '../../core/stage.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { Network } from '../../models/network.ts';
import { toSavedModel } from '../../models/saved-model.ts';
import { writeFolder } from '../save-model.ts';
import type { StepState } from '../task.ts';

/** Folder of the generator as a SavedModel, in the output folder of the stage. */
export const SAVED_MODEL_FOLDER = 'saved-model';

/**
 * Prepares a generator to be saved and published as a SavedModel: inputs `noise [B, latent] float32` and, in a conditional one,
 * `labels [B] int32`; output `images [B, height, width, channels] float32` in the data set's transformed range.
 * @throws Failure where it cannot be saved: see `TensorFlow.savedModel`
 */
export function prepareSavedModel(
  { outputDir, emit }: Pick<StageContext, 'outputDir' | 'emit'>,
  tensorflow: TensorFlow,
  generator: Network,
): (weights: StepState) => Promise<void> {
  const bytesOf = toSavedModel(tensorflow, generator, { input: 'noise', output: 'images' });
  return async weights => {
    await writeFolder(join(outputDir, SAVED_MODEL_FOLDER), folder =>
      writeFile(join(folder, 'saved_model.pb'), bytesOf(weights)),
    );
    emit({ type: 'publish', path: SAVED_MODEL_FOLDER });
  };
}
