import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import type { TrainedModelArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import { oneHotLabels } from './labels.ts';
import { loadLayersModel } from './load-layers-model.ts';

type GeneratorLabel = number | Float32Array | undefined;

/** A trained generator, ready to draw. */
export interface Generator {
  /**
   * @param z noise, `[count, latentDim]`
   * @param label the class of all of these images, or the weight of each class in each image, `[count, classes]`, one-hot rows or
   *   mixtures; only, and always, for a conditional model
   * @returns `[count, height, width, channels]` in the data set's transformed range
   */
  generate(z: Float32Array, label: GeneratorLabel): Promise<Float32Array>;
  dispose(): void;
}

function checkGenerator(network: Tf.LayersModel, model: TrainedModelArtifact): void {
  const inputs = model.conditional ? 2 : 1;
  const shape = network.outputs[0]?.shape.slice(1) ?? [];
  if (network.inputs.length === inputs && shape.join('×') === model.imageShape.join('×')) return;
  throw new Failure({
    code: 'model-mismatch',
    message:
      `the generator of ${model.model} in ${model.dir} has ${network.inputs.length} input(s) and draws ${shape.join('×')}; ` +
      `expected ${inputs} and ${model.imageShape.join('×')}`,
  });
}

/** Loads the generator of a trained model. Keeps no tensors but its weights, until it is disposed. */
export async function loadGenerator(
  tf: TensorFlowNamespace,
  model: TrainedModelArtifact,
): Promise<Generator> {
  const network = await loadLayersModel(tf, join(model.dir, model.generator));
  const classes = model.classes.length;
  const predict = (z: Float32Array, label: GeneratorLabel): Tf.Tensor => {
    const count = z.length / model.latentDim;
    const noise = tf.tensor2d(z, [count, model.latentDim]);
    if (label === undefined) return network.predict(noise) as Tf.Tensor;
    const weights =
      typeof label === 'number'
        ? oneHotLabels(tf, tf.fill([count], label, 'int32'), classes)
        : tf.tensor2d(label, [count, classes]);
    return network.predict([noise, weights]) as Tf.Tensor;
  };
  try {
    checkGenerator(network, model);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return {
    generate: async (z, label) => {
      const images = tf.tidy(() => predict(z, label));
      try {
        return (await images.data()) as Float32Array;
      } finally {
        images.dispose();
      }
    },
    dispose: () => void network.dispose(),
  };
}
