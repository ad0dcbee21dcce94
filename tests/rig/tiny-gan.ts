import type { ModelArtifact } from '../../src/core/artifacts.ts';
import { bindGan, type Gan } from '../../src/models/gan.ts';

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
