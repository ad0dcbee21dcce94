import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import type { PredictorArtifact } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { temporaryFolder } from './stage-context.ts';

type Facts = Pick<PredictorArtifact, 'shape' | 'classes' | 'transform' | 'targets' | 'features'>;

interface Given extends Facts {
  /** `[inputs, outputs]`, and a bias for each output. */
  readonly kernel: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** A predictor of one dense layer: of pictures where the shape has three axes, with softmax where it has classes. */
export async function tinyPredictor(
  { tf }: TensorFlow,
  { kernel, bias, ...facts }: Given,
): Promise<PredictorArtifact> {
  const model = tf.sequential();
  model.add(tf.layers.reshape({ targetShape: [kernel.length], inputShape: [...facts.shape] }));
  const activation = facts.targets === undefined ? 'softmax' : 'linear';
  model.add(tf.layers.dense({ units: bias.length, activation, name: 'out' }));
  const weights = [tf.tensor2d(kernel.map(row => [...row])), tf.tensor1d([...bias])];
  model.getLayer('out').setWeights(weights);
  tf.dispose(weights);
  return savedPredictor(tf, model, facts);
}

/** A layers model as a predictor, which takes pictures where the shape has three axes; disposes of the model. */
export async function savedPredictor(
  tf: TensorFlow['tf'],
  model: Tf.LayersModel,
  facts: Facts,
): Promise<PredictorArtifact> {
  const dir = await temporaryFolder();
  await mkdir(join(dir, 'tiny'));
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      const json = JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest });
      await writeFile(join(dir, 'tiny', 'model.json'), json);
      await writeFile(
        join(dir, 'tiny', 'weights.bin'),
        Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)),
      );
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  model.dispose();
  return {
    kind: 'predictor',
    dir,
    model: 'tiny',
    network: 'tiny',
    images: facts.shape.length === 3,
    iteration: 1,
    ...facts,
  };
}
