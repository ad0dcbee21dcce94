import { codeDir } from '../../src/host/paths.ts';
import type { CompiledStep, CompileOptions, StepInput, TensorFlow } from '../../src/core/tensorflow.ts';
import { bindGan, builtInGan, type BuiltInGan, type Gan } from '../../src/models/gan.ts';
import { scalarInput } from '../../src/training/feed.ts';
import { bce } from '../../src/training/gan/losses.ts';
import { ganStep, type GanSettings } from '../../src/training/gan/step.ts';
import { adam } from '../../src/training/optimizers/adam.ts';
import { referenceBatch, referenceWeights, type Reference } from './reference.ts';

const optimizer = adam({ beta1: 0.5, beta2: 0.999, epsilon: 1e-7 });
const byte = 1 / 127.5;

const cifarShape = {
  imageShape: [32, 32, 3],
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
} as const;

/** A built-in model for CIFAR-10-shaped data. */
export function builtInNetworks(model: BuiltInGan): Gan {
  const { latent, generator, discriminator } = builtInGan(codeDir, model);
  return bindGan({ latentDim: latent, generator, discriminator, ...cifarShape });
}

export const referenceSettings: GanSettings = {
  loss: bce,
  generator: optimizer,
  discriminator: optimizer,
  fakes: 'inference',
  transform: { scale: [byte, byte, byte], offset: [-1, -1, -1] },
};

export interface ReferenceGan {
  readonly networks: Gan;
  readonly step: CompiledStep;
  /** Weight keys in the order of the reference's tensors. */
  readonly keys: readonly string[];
}

/** The step of a built-in model, starting from the reference's weights. */
export async function referenceGan(
  tensorflow: TensorFlow,
  reference: Reference,
  settings: Partial<GanSettings>,
  options?: CompileOptions,
): Promise<ReferenceGan> {
  const networks = builtInNetworks(reference.model);
  const { generator, discriminator } = networks;
  const step = tensorflow.compile(
    ganStep(tensorflow, networks, { ...referenceSettings, ...settings }, 1),
    options,
  );
  const keys = [...generator.weights, ...discriminator.weights].map(weight => weight.key);
  const values = referenceWeights(reference);
  await step.write(Object.fromEntries(keys.map((key, index) => [key, values[index] as Float32Array])));
  return { networks, step, keys };
}

/** The reference's inputs of an iteration, counted from 1. */
export function referenceInputs({ seed, batch }: Reference, iteration: number): Record<string, StepInput> {
  const { noise, images, labels } = referenceBatch(seed, iteration, batch);
  return {
    images: { shape: [batch, 32, 32, 3], values: images },
    labels: { shape: [batch], values: Uint8Array.from(labels) },
    z: { shape: [batch, 100], values: noise },
    seed: { shape: [2], values: Int32Array.of(iteration, 0) },
    learningRate: scalarInput(2e-4),
    discriminatorLearningRate: scalarInput(2e-4),
  };
}
