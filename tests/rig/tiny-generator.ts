import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import type { Static } from 'typebox';
import type { TrainedModelArtifact } from '../../src/core/artifacts.ts';
import { rangeTransform } from '../../src/data/transform.ts';
import sample from '../../src/stages/sample.ts';
import { runStage, temporaryFolder, type StageContextOptions } from './stage-context.ts';
import { testTensorFlow } from './tensorflow.ts';

export const tensorflow = await testTensorFlow('javascript');
const { tf } = tensorflow;

const latentDim = 2;
const size = 4;
export const pixels = size * size * 3;

/** Writes a model as `model.json` and two weight files. */
async function save(model: Tf.LayersModel, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const handler = tf.io.withSaveHandler(async artifacts => {
    const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(artifacts.weightData));
    await writeFile(join(folder, 'weights-1.bin'), bytes.subarray(0, 40));
    await writeFile(join(folder, 'weights-2.bin'), bytes.subarray(40));
    const weightsManifest = [{ paths: ['weights-1.bin', 'weights-2.bin'], weights: artifacts.weightSpecs }];
    const { modelTopology } = artifacts;
    await writeFile(join(folder, 'model.json'), JSON.stringify({ modelTopology, weightsManifest }));
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await model.save(handler);
}

/**
 * A generator without training: each class has a brightness, from -1 for the first to 1 for the last one, and the noise adds
 * a little to it. Without classes the noise is all there is.
 *
 * @param reversed from 1 to -1 instead
 */
export async function trainedModel(
  classes: readonly string[],
  { conditional = true, noise = 0, reversed = false } = {},
): Promise<TrainedModelArtifact> {
  const dir = await temporaryFolder();
  const z = tf.input({ shape: [latentDim] });
  const y = tf.input({ shape: [classes.length] });
  const dense = tf.layers.dense({ units: pixels });
  const values = dense.apply(conditional ? tf.layers.concatenate().apply([z, y]) : z) as Tf.SymbolicTensor;
  const images = tf.layers.reshape({ targetShape: [size, size, 3] }).apply(values) as Tf.SymbolicTensor;
  const model = tf.model({ inputs: conditional ? [z, y] : z, outputs: images });
  const brightness = classes.map((_, index) => (2 * index) / Math.max(1, classes.length - 1) - 1);
  if (reversed) brightness.reverse();
  const rows = [noise, noise, ...(conditional ? brightness : [])];
  const weights = [tf.tensor2d(rows.map(value => new Array<number>(pixels).fill(value))), tf.zeros([pixels])];
  dense.setWeights(weights);
  await save(model, join(dir, 'generator'));
  tf.dispose(weights);
  model.dispose();
  return {
    kind: 'trained-model',
    dir,
    model: conditional ? 'cgan' : 'dcgan',
    latentDim,
    conditional,
    imageShape: [size, size, 3],
    classes,
    generator: 'generator',
    discriminator: 'discriminator',
    transform: rangeTransform(-1, 1, 3),
    iterations: 100,
  };
}

type Params = Partial<Static<typeof sample.params>>;

export async function drawFrom(
  model: TrainedModelArtifact,
  params: Params = {},
  options: Partial<StageContextOptions<unknown>> = {},
) {
  const { outputs, context } = await runStage(sample, params, {
    ...options,
    inputs: { model },
    tensorflow: () => Promise.resolve(tensorflow),
  });
  const { dir, files } = outputs.images;
  const bytesOf = async (file: string) => [...(await sharp(join(dir, file)).raw().toBuffer())];
  return { dir, files, context, bytesOf };
}
