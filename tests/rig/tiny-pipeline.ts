/** A conditional GAN with batch normalisation and dropout, small enough for any backend: 8 iterations an epoch. */
export const tinyPipeline = `name: tiny
seed: 3
stages:
  - use: load-cifar
    params: { source: synthetic, count: 60 }
  - use: normalize
  - use: build-model
    params:
      model:
        latent: 5
        generator:
          layers:
            - { use: concatenate-label }
            - { use: dense, units: height / 8 * width / 8 * 6, activation: relu }
            - { use: reshape, targetShape: [height / 8, width / 8, 6] }
            - { use: batchNormalization, momentum: 0.8 }
            - { use: upSampling2d }
            - { use: upSampling2d }
            - { use: upSampling2d }
            - { use: conv2d, filters: channels, kernelSize: 3 }
            - { use: activation, activation: tanh }
        discriminator:
          layers:
            - { use: conv2d, filters: 4, kernelSize: 3, strides: 2 }
            - { use: leakyReLU, alpha: 0.2 }
            - { use: dropout, rate: 0.3 }
            - { use: conv2d, filters: 6, kernelSize: 3, strides: 2 }
            - { use: batchNormalization, momentum: 0.8 }
            - { use: flatten }
            - { use: concatenate-label }
            - { use: dense, units: 1 }
            - { use: activation, activation: sigmoid }
  - use: train
    params: { epochs: 6, batchSize: 8, sample: { every: 5 }, logEvery: 2 }
  - use: gif
`;
