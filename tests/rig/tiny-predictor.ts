import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PredictorArtifact } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { temporaryFolder } from './stage-context.ts';

interface Given extends Pick<PredictorArtifact, 'shape' | 'classes' | 'transform'> {
  readonly targets?: readonly string[];
  readonly features?: readonly string[];
  /** `[inputs, outputs]`, and a bias for each output. */
  readonly kernel: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** A predictor of one dense layer: of pictures where the shape has three axes, with softmax where it has classes. */
export async function tinyPredictor(
  { tf }: TensorFlow,
  { kernel, bias, targets, features, ...given }: Given,
): Promise<PredictorArtifact> {
  const dir = await temporaryFolder();
  const model = tf.sequential();
  model.add(tf.layers.reshape({ targetShape: [kernel.length], inputShape: [...given.shape] }));
  const activation = targets === undefined ? 'softmax' : 'linear';
  model.add(tf.layers.dense({ units: bias.length, activation, name: 'out' }));
  const weights = [tf.tensor2d(kernel.map(row => [...row])), tf.tensor1d([...bias])];
  model.getLayer('out').setWeights(weights);
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
  tf.dispose(weights);
  return {
    kind: 'predictor',
    dir,
    model: 'tiny',
    network: 'tiny',
    images: given.shape.length === 3,
    iteration: 1,
    ...given,
    ...(targets && { targets }),
    ...(features && { features }),
  };
}
