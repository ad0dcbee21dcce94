import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlow } from '../../src/core/tensorflow.ts';

/** A SavedModel as tfjs-node opens it: the part that is used here. */
interface OpenedSavedModel {
  predict(inputs: Readonly<Record<string, Tf.Tensor>>): Readonly<Record<string, Tf.Tensor>>;
  dispose(): void;
}

interface Node {
  readonly node: { loadSavedModel(folder: string): Promise<OpenedSavedModel> };
}

/** Writes `saved_model.pb` into a new temporary folder; returns the folder. */
export async function savedModelFolder(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pipe-saved-model-'));
  await writeFile(join(folder, 'saved_model.pb'), bytes);
  return folder;
}

/** Opens a folder with tfjs-node, by the tag `serve` and the signature `serving_default`. */
export const openSavedModel = (tensorflow: TensorFlow, folder: string): Promise<OpenedSavedModel> =>
  (tensorflow.tf as unknown as Node).node.loadSavedModel(folder);
