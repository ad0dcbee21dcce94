import { beforeAll, describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { bindNetwork } from '../../../src/models/bind.ts';
import { trainedWeights } from '../../../src/models/forward.ts';
import type { Gan } from '../../../src/models/gan.ts';
import { ganStep } from '../../../src/training/gan/step.ts';
import { referenceSettings } from '../../rig/reference-gan.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { tinyInputs, tinyNetworks } from '../../rig/tiny-gan.ts';

const conv = { use: 'conv2d', filters: 4, kernelSize: 3 };

/** The tiny conditional GAN with a discriminator of layers that no built-in network has. */
function contractGan(): Gan {
  const { generator } = tinyNetworks(true);
  const block = {
    use: 'residual',
    layers: [conv, { use: 'batchNormalization' }, { use: 'leakyReLU' }, { use: 'dropout', rate: 0.3 }],
    shortcut: [{ ...conv, kernelSize: 1 }],
  };
  const layers = [
    block,
    { use: 'globalAveragePooling2d' },
    { use: 'dense', units: 8, spectralNormalization: true },
    { use: 'projection' },
  ];
  return {
    generator,
    discriminator: bindNetwork('discriminator', { layers }, [8, 8, 3], generator.dimensions),
  };
}

const spectralVector = 'discriminator/dense/u';

// State, labels, branches and seeds of layers that the training has never heard of.
describe('a GAN of layers that are new to it', () => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow();
  });

  const compiled = ({ eager = false, plain = false } = {}) =>
    tensorflow.compile(ganStep(tensorflow, contractGan(), { ...referenceSettings, plain }, 4), { eager });

  async function stateAfter(iterations: number, options = {}) {
    const step = compiled(options);
    for (let iteration = 0; iteration < iterations; iteration++) await step.run(tinyInputs(iteration));
    const state = await step.read();
    await step.dispose();
    return state;
  }

  test('moves every weight that is trained, and every state', async () => {
    const [before, after] = [await stateAfter(0), await stateAfter(2)];
    const { discriminator } = contractGan();
    const unmoved = discriminator.weights.filter(({ key }) =>
      before[key]?.every((value, index) => value === after[key]?.[index]),
    );
    expect(unmoved.map(({ key }) => key)).toEqual(['discriminator/residual/layers/conv2d/bias']);
    expect(trainedWeights(discriminator).map(({ key }) => key)).not.toContain(spectralVector);
  });

  test.each([{ eager: true }, { plain: true }])('is the same iteration with %j', async options => {
    const [expected, found] = [await stateAfter(2), await stateAfter(2, options)];
    const vector = expected[spectralVector] as Float32Array;
    found[spectralVector]?.forEach((value, index) => expect(value).toBeCloseTo(vector[index] as number, 4));
  });

  test('resumes from its state to the same bits', async () => {
    const step = compiled();
    await step.write(await stateAfter(2));
    await step.run(tinyInputs(2));
    expect(await step.read()).toEqual(await stateAfter(3));
    await step.dispose();
  });
});

/** A GAN of every kind of layer that adds no contract of its own: each is trained in a compiled step. */
function variedGan(): Gan {
  const {
    generator: { input, dimensions },
  } = tinyNetworks(true);
  const generator = [
    { use: 'embedding', outputDim: 'latent', merge: 'multiply' },
    { use: 'dense', units: 32, activation: 'selu', kernelInitializer: 'orthogonal' },
    { use: 'reshape', targetShape: [4, 4, 2] },
    { use: 'upSampling2d' },
    { use: 'conv2d', filters: 4, kernelSize: 3, l2: 0.01 },
    { use: 'groupNormalization', groups: 2 },
    { use: 'prelu', sharedAxes: [1, 2] },
    { use: 'depthwiseConv2d', kernelSize: 3, activation: 'gelu' },
    { use: 'conv2d', filters: 3, kernelSize: 1, activation: 'tanh' },
  ];
  const discriminator = [
    { use: 'gaussianNoise', stddev: 0.1 },
    { use: 'zeroPadding2d' },
    { use: 'conv2d', filters: 4, kernelSize: 4, strides: 2, padding: 'valid', activation: 'silu', l2: 0.01 },
    { use: 'layerNormalization', axis: [1, 2, 3] },
    { use: 'spatialDropout2d', rate: 0.3 },
    { use: 'averagePooling2d', poolSize: 3 },
    { use: 'embedding', outputDim: 3 },
    { use: 'globalSumPooling2d' },
    { use: 'dense', units: 1 },
  ];
  return {
    generator: bindNetwork('generator', { layers: generator }, input, dimensions),
    discriminator: bindNetwork('discriminator', { layers: discriminator }, [8, 8, 3], dimensions),
  };
}

test('a compiled step of many kinds of layers is the eager one, and moves every weight', async () => {
  const tensorflow = await testTensorFlow();
  const gan = variedGan();
  const step = tensorflow.compile(ganStep(tensorflow, gan, referenceSettings, 4), { check: true });
  const before = await step.read();
  for (const iteration of [0, 1]) await step.run(tinyInputs(iteration));
  const after = await step.read();
  await step.dispose();
  const unmoved = [gan.generator, gan.discriminator]
    .flatMap(({ weights }) => weights.map(({ key }) => key))
    .filter(key => before[key]?.every((value, index) => value === after[key]?.[index]));
  expect(unmoved).toEqual([]);
});
