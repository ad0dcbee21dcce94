import { join } from 'node:path';
import type { FilesArtifact } from '../core/artifacts.ts';
import type { StageContext } from '../core/stage.ts';
import type { Network } from '../models/network.ts';
import { MODEL_FILES, saveLayersModel } from './save-model.ts';
import type { StepState } from './task.ts';

/**
 * Saves a trained network in a folder of its name in the output folder, as a layers model that `tf.loadLayersModel` opens, and
 * publishes it. Returns the files as an output of the stage.
 * @param beside Texts of further files in the folder, by name.
 */
export async function saveNetwork(
  context: Pick<StageContext, 'outputDir' | 'emit' | 'tensorflow'>,
  network: Network,
  weights: StepState,
  beside: Readonly<Record<string, string>> = {},
): Promise<FilesArtifact> {
  const { outputDir: dir } = context;
  const { tf } = await context.tensorflow();
  await saveLayersModel(tf, network, weights, join(dir, network.name), beside);
  context.emit({ type: 'publish', path: network.name });
  return {
    kind: 'files',
    dir,
    files: [...MODEL_FILES, ...Object.keys(beside)].map(name => `${network.name}/${name}`),
  };
}
