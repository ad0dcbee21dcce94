import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { bindNetwork } from '../../src/models/bind.ts';
import { bindGan } from '../../src/models/gan.ts';
import { initialWeights } from '../../src/models/initial-weights.ts';
import { resolveSize, ShapeError } from '../../src/models/shape.ts';
import { statisticsCount, summarize, weightCount } from '../../src/models/summary.ts';
import { builtInNetworks } from '../rig/reference-gan.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

const dimensions = { height: 32, width: 32, channels: 3, classes: 10, latent: 100 };

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the built-in networks have the weights of the reference', () => {
  test.each([
    ['dcgan', 1_051_267, 384, 394_305, 896],
    ['cgan', 1_133_187, 384, 920_641, 896],
  ] as const)('%s', (model, generatorWeights, generatorMoving, discriminatorWeights, discriminatorMoving) => {
    const { generator, discriminator } = builtInNetworks(model);
    expect(weightCount(generator)).toBe(generatorWeights);
    expect(statisticsCount(generator)).toBe(generatorMoving);
    expect(weightCount(discriminator)).toBe(discriminatorWeights);
    expect(statisticsCount(discriminator)).toBe(discriminatorMoving);
    expect(generator.output).toEqual([32, 32, 3]);
    expect(discriminator.output).toEqual([1]);
    expect(generator.conditional).toBe(model === 'cgan');
  });

  test('and the shapes of the paper’s figure', () => {
    const { generator, discriminator } = builtInNetworks('cgan');
    const shapes = (layers: typeof generator.layers, type: string) =>
      layers.filter(layer => layer.kind.type === type).map(layer => layer.output);
    expect(shapes(generator.layers, 'conv2d')).toEqual([
      [16, 16, 128],
      [32, 32, 64],
      [32, 32, 3],
    ]);
    expect(shapes(discriminator.layers, 'conv2d')).toEqual([
      [16, 16, 32],
      [8, 8, 64],
      [4, 4, 128],
      [2, 2, 256],
    ]);
    expect(shapes(discriminator.layers, 'flatten')).toEqual([[1024]]);
  });
});

describe('a mismatch names the layer', () => {
  test('a reshape that does not hold the same numbers', () => {
    const failure = failureOf(() =>
      bindNetwork(
        'generator',
        {
          layers: [
            { use: 'dense', units: 100 },
            { use: 'reshape', targetShape: [8, 8, 2] },
          ],
        },
        [100],
        dimensions,
      ),
    );
    expect(failure.message).toBe(
      'generator, layer 2 (reshape): cannot make [B, 8, 8, 2] (128 numbers) of [B, 100] (100 numbers).',
    );
    expect(failure.exitCode).toBe(2);
  });

  test('a convolution of rows', () => {
    const failure = failureOf(() =>
      bindNetwork('generator', { layers: [{ use: 'conv2d', filters: 4, kernelSize: 3 }] }, [100], dimensions),
    );
    expect(failure.message).toContain(
      'layer 1 (conv2d): needs an image [B, height, width, channels], and gets [B, 100]',
    );
  });

  test.each([
    [
      [{ use: 'dense', units: 3e9 }],
      'generator, layer 1 (dense): gives [B, 3000000000]: 3,000,000,000 numbers for each picture, at most 100,000,000 are possible.',
    ],
    [
      [
        { use: 'reshape', targetShape: [10, 10, 1] },
        { use: 'upSampling2d', size: 1e300 },
      ],
      'generator, layer 2 (upSampling2d): gives [B, 1e+301, 1e+301, 1]: ∞ numbers for each picture, at most 100,000,000 are possible.',
    ],
    [
      [
        { use: 'reshape', targetShape: [10, 10, 1] },
        { use: 'conv2d', filters: 3, kernelSize: 1e9 },
      ],
      'generator, layer 2 (conv2d): makes it 3,000,000,000,000,000,000 weights, at most 1,000,000,000 are possible for a network.',
    ],
    [
      Array.from({ length: 12 }, () => ({ use: 'dense', units: 10_000 })),
      'generator, layer 11 (dense_10): makes it 1,001,110,000 weights, at most 1,000,000,000 are possible for a network.',
    ],
  ])('layers that fit into no memory: %#', (layers, message) => {
    expect(failureOf(() => bindNetwork('generator', { layers }, [100], dimensions)).message).toBe(message);
  });

  test('a size that does not divide the image', () => {
    expect(() => resolveSize('height / 3', dimensions)).toThrow(ShapeError);
    expect(resolveSize('height / 4 * width / 4 * 128', dimensions)).toBe(8192);
  });

  test('a generator that does not draw images of the data’s size', () => {
    const model = tinyModel(false);
    const failure = failureOf(() =>
      bindGan({
        ...model,
        imageShape: [8, 8, 1],
        generator: {
          layers: model.generator.layers.map(layer =>
            layer['filters'] === 'channels' ? { ...layer, filters: 3 } : layer,
          ),
        },
      }),
    );
    expect(failure.message).toContain('generator, layer 7 (conv2d_1): the network ends in [B, 8, 8, 3]');
    expect(failure.message).toContain('[B, 8, 8, 1]');
  });

  test('a label in one network only', () => {
    const failure = failureOf(() =>
      bindGan({ ...tinyModel(true), discriminator: tinyModel(false).discriminator }),
    );
    expect(failure.code).toBe('half-conditional');
    expect(failure.message).toContain(
      'generator, layer 1 (concatenate-label): takes the label, and the discriminator does not',
    );
  });
});

test('initial weights follow from the seed, and each weight has a stream of its own', () => {
  const { generator } = builtInNetworks('dcgan');
  const [first, again, other] = [
    initialWeights(generator, 1),
    initialWeights(generator, 1),
    initialWeights(generator, 2),
  ];
  const key = 'generator/conv2d/kernel';
  expect(first[key]).toEqual(again[key]);
  expect(first[key]).not.toEqual(other[key]);
  const limit = Math.sqrt(6 / (9 * 128 + 9 * 128));
  const values = first[key] as Float32Array;
  const largest = values.reduce((max, value) => Math.max(max, value), 0);
  expect(largest).toBeLessThanOrEqual(limit);
  expect(largest).toBeGreaterThan(0.99 * limit);
  expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(limit / 50);
  expect(new Set(first['generator/batchNormalization/gamma'])).toEqual(new Set([1]));
});

test('a singular vector starts as a random direction of length 1', () => {
  const layers = [200, 200].map(units => ({ use: 'dense', units, spectralNormalization: true }));
  const network = bindNetwork('discriminator', { layers }, [100], dimensions);
  const values = initialWeights(network, 1);
  const [first, second] = ['dense', 'dense_1'].map(name => values[`discriminator/${name}/u`] as Float32Array);
  expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 6);
  expect(first?.filter(value => value < 0).length).toBeGreaterThan(50);
  expect(first).not.toEqual(second);
});

test('weights’ keys and initial values are what stored checkpoints and experiments of earlier versions have', () => {
  const { generator, discriminator } = builtInNetworks('cgan');
  const sums = [generator, discriminator].map(network => {
    const hash = createHash('sha256');
    for (const [key, values] of Object.entries(initialWeights(network, 1))) hash.update(key).update(values);
    return hash.digest('hex').slice(0, 16);
  });
  expect(sums).toEqual(['ed410406a805b5c4', '0deacf8d94065d08']);
});

test('the summary lists layers, shapes and weights', () => {
  const text = summarize(builtInNetworks('cgan').discriminator);
  expect(text).toContain(
    'discriminator: 920,641 weights, 896 of them not trained; 4.29 M multiply-adds per image',
  );
  expect(text).toMatch(/dense +\[B, 512\] +529,920 +529 k +activation relu/);
});
