/** How much arithmetic an iteration is: multiplications and additions of convolutions and dense layers, in FLOP. */

const conv = (side, window, channels, filters) => 2 * side * side * window * channels * filters;
const dense = (inputs, outputs) => 2 * inputs * outputs;

/**
 * Forward FLOP of the generator per image. An upsampled 3×3 convolution takes 9 products for an output pixel as written; by
 * minimal filtering (src/tensorflow/kernels/upsampled.h) it takes 25 for 16 of them.
 */
function generatorLayers(model, reduced) {
  const window = reduced ? 25 / 16 : 9;
  return {
    untilBatchNorm: dense(model === 'cgan' ? 110 : 100, 8192) + conv(16, window, 128, 128),
    rest: conv(32, window, 128, 64) + conv(32, 9, 64, 3),
  };
}

/** Forward FLOP of the discriminator per image. */
function discriminator(model) {
  const trunk = conv(16, 9, 3, 32) + conv(8, 9, 32, 64) + conv(4, 9, 64, 128);
  return model === 'cgan'
    ? trunk + conv(2, 9, 128, 256) + dense(1034, 512) + dense(512, 1)
    : trunk + conv(4, 9, 128, 256) + dense(4096, 1);
}

/**
 * FLOP of one iteration. A backward pass is two forward ones: for the weights, and for the inputs; G's step needs the inputs'
 * alone of D. `arithmetic` is `plain` (the layers as written) or `reduced` (upsampled convolutions by minimal filtering; and as
 * up to G's first batch norm its two forward passes are one computation, it is counted once).
 */
export function flopPerIteration({ model, batch, fakes, arithmetic }) {
  const reduced = arithmetic === 'reduced';
  const { untilBatchNorm, rest } = generatorLayers(model, reduced);
  const training = 3 * (untilBatchNorm + rest);
  const inference = fakes === 'shared' ? 0 : rest + (reduced ? 0 : untilBatchNorm);
  return batch * (training + inference + (3 + 3 + 2) * discriminator(model));
}
