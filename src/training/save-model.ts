import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import { toLayersModel } from '../models/export.ts';
import type { Network } from '../models/network.ts';

const WEIGHTS_FILE = 'weights.bin';

/** The files of a saved network, in its folder. */
export const MODEL_FILES = ['model.json', WEIGHTS_FILE] as const;

/** Fills a folder that is renamed into place whole, in the place of what is there. */
export async function writeFolder(
  folder: string,
  fill: (temporary: string) => Promise<unknown>,
): Promise<void> {
  const temporary = `${folder}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await fill(temporary);
  await rm(folder, { recursive: true, force: true });
  await rename(temporary, folder);
}

/**
 * Saves a network as `<folder>/model.json` and `weights.bin`, the form that stock `tf.loadLayersModel` opens.
 * @param beside Texts of further files in the folder, by name.
 */
export async function saveLayersModel(
  tf: TensorFlowNamespace,
  network: Network,
  weights: Readonly<Record<string, Float32Array>>,
  folder: string,
  beside: Readonly<Record<string, string>> = {},
): Promise<void> {
  const model = toLayersModel(tf, network, weights);
  try {
    // TensorFlow.js's own file:// saving writes the files in place.
    await writeFolder(folder, async temporary => {
      await model.save(tf.io.withSaveHandler(artifacts => writeArtifacts(tf, artifacts, temporary)));
      for (const [name, text] of Object.entries(beside)) await writeFile(join(temporary, name), text);
    });
  } finally {
    model.dispose();
  }
}

async function writeArtifacts(
  tf: TensorFlowNamespace,
  artifacts: Tf.io.ModelArtifacts,
  folder: string,
): Promise<Tf.io.SaveResult> {
  const { modelTopology, weightSpecs, weightData } = artifacts;
  const description = {
    format: 'layers-model',
    generatedBy: artifacts.generatedBy,
    convertedBy: null,
    modelTopology,
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: weightSpecs }],
  };
  await writeFile(join(folder, WEIGHTS_FILE), Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)));
  await writeFile(join(folder, 'model.json'), `${JSON.stringify(description)}\n`);
  return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
}
