import type { ModelArtifact } from '../../src/core/artifacts.ts';
import { Random } from '../../src/core/random.ts';
import type { StepInput } from '../../src/core/tensorflow.ts';
import { bindGan, type Gan } from '../../src/models/gan.ts';
import { scalarInput } from '../../src/training/feed.ts';

/** Networks with every rewrite of the big ones (folded upsampling, biases before normalising), small enough for any backend. */
export function tinyModel(conditional: boolean, classes: readonly string[] = ['a', 'b', 'c']): ModelArtifact {
  const label = conditional ? [{ use: 'concatenate-label' }] : [];
  return {
    kind: 'model',
    dir: '',
    model: conditional ? 'tiny-cgan' : 'tiny-gan',
    latentDim: 5,
    conditional,
    imageShape: [8, 8, 3],
    classes,
    seed: 3,
    generator: {
      layers: [
        ...label,
        { use: 'dense', units: 'height / 2 * width / 2 * 6', activation: 'relu' },
        { use: 'reshape', targetShape: ['height / 2', 'width / 2', 6] },
        { use: 'upSampling2d' },
        { use: 'conv2d', filters: 4, kernelSize: 3 },
        { use: 'batchNormalization', momentum: 0.8 },
        { use: 'activation', activation: 'relu' },
        { use: 'conv2d', filters: 'channels', kernelSize: 3 },
        { use: 'activation', activation: 'tanh' },
      ],
    },
    discriminator: {
      layers: [
        { use: 'conv2d', filters: 4, kernelSize: 3, strides: 2 },
        { use: 'leakyReLU', alpha: 0.2 },
        { use: 'conv2d', filters: 6, kernelSize: 3, strides: 2 },
        { use: 'batchNormalization', momentum: 0.8 },
        { use: 'leakyReLU', alpha: 0.2 },
        { use: 'flatten' },
        ...label,
        { use: 'dense', units: 1 },
        { use: 'activation', activation: 'sigmoid' },
      ],
    },
  };
}

export const tinyNetworks = (conditional: boolean): Gan => bindGan(tinyModel(conditional));

export interface TinyRates {
  readonly generator: number;
  readonly discriminator: number;
}

const USUAL: TinyRates = { generator: 2e-4, discriminator: 2e-4 };

/** Inputs of an iteration of the tiny networks, of random images and labels. */
export function tinyInputs(
  iteration: number,
  rates: TinyRates = USUAL,
  count = 6,
): Record<string, StepInput> {
  const random = new Random(iteration);
  const bytes = (size: number, high: number) =>
    Uint8Array.from({ length: size }, () => random.integer(0, high));
  return {
    images: { shape: [count, 8, 8, 3], values: bytes(count * 192, 255) },
    labels: { shape: [count], values: bytes(count, 2) },
    z: { shape: [count, 5], values: random.normals(count * 5) },
    seed: { shape: [2], values: Int32Array.of(iteration, 0) },
    learningRate: scalarInput(rates.generator),
    discriminatorLearningRate: scalarInput(rates.discriminator),
  };
}
