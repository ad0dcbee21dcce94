/** How much arithmetic an iteration is: multiplications and additions of convolutions and dense layers, as they are written. */
import { bindClassifier, bindModel, isClassifier } from './model.js';
import { importSource } from './source.js';

const product = sizes => sizes.reduce((total, size) => total * size, 1);

/** Kinds whose kernel is applied once for each output pixel, or once for a row. */
const KERNELS = ['conv2d', 'dense', 'class-head', 'projection'];

function flopOfLayers(layers) {
  return layers.reduce((total, { kind, output, weights, branches }) => {
    const kernel = weights.find(({ name }) => name === 'kernel');
    const pixels = product(output.slice(0, -1));
    const own = KERNELS.includes(kind.type) ? 2 * pixels * product(kernel.shape) : 0;
    const inside = Object.values(branches).reduce((sum, branch) => sum + flopOfLayers(branch), 0);
    return total + own + inside;
  }, 0);
}

/** Forward FLOP of each network of a model for one image. */
export async function flopPerImage(model) {
  if (isClassifier(model)) {
    const { network } = bindClassifier(await importSource('src/models/predictor.ts'), model);
    return { network: flopOfLayers(network.layers) };
  }
  const { gan } = bindModel(await importSource('src/models/gan.ts'), model);
  return {
    generator: flopOfLayers(gan.generator.layers),
    discriminator: flopOfLayers(gan.discriminator.layers),
  };
}

/**
 * FLOP of one iteration. A backward pass is two forward ones: for the weights, and for the inputs; G's step needs the inputs'
 * alone of D.
 */
export function flopPerIteration({ generator, discriminator, network }, { batch, fakes }) {
  if (network !== undefined) return 3 * batch * network;
  const generating = fakes === 'shared' ? 3 : 4;
  return batch * (generating * generator + (3 + 3 + 2) * discriminator);
}
