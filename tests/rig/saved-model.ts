import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { forward } from '../../src/models/forward.ts';
import type { Network } from '../../src/models/network.ts';
import { toSavedModel } from '../../src/models/saved-model.ts';
import { expectClose, randomWeights, testDimensions, weightTensors } from './networks.ts';

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

/**
 * Compares a network after training with its SavedModel, at batch sizes at which it was not recorded. Nothing on the JavaScript
 * backend, which has none.
 */
export async function expectSavedIsForward(tensorflow: TensorFlow, network: Network): Promise<void> {
  const { tf, kind } = tensorflow;
  if (kind === 'javascript') return;
  const { classes } = testDimensions;
  const values = randomWeights(network, 11);
  const bytes = toSavedModel(tensorflow, network, { input: 'x', output: 'y' })(values);
  const model = await openSavedModel(tensorflow, await savedModelFolder(bytes));
  for (const batch of [1, 4, 13])
    tf.tidy(() => {
      const x = tf.randomNormal([batch, ...network.input]);
      const labels = tf.range(0, batch, 1, 'int32').mod(tf.scalar(classes, 'int32')).as1D();
      const oneHot = tf.oneHot(labels, classes).cast('float32');
      const weights = weightTensors(tensorflow, network, values);
      const { y } = forward(tensorflow, network, weights, x, { training: false, labels: oneHot });
      const found = model.predict({ x, ...(network.conditional && { labels }) })['y'] as Tf.Tensor;
      expect(found.shape).toEqual(y.shape);
      expectClose(found.dataSync() as Float32Array, y.dataSync() as Float32Array);
    });
  model.dispose();
}
