import { beforeAll, describe, expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { rewrites } from '../../src/models/rewrites/index.ts';
import { groupedLayers } from '../../src/models/rewrites/grouped-layers.ts';
import { cancelledBias } from '../../src/models/rewrites/cancelled-bias.ts';
import { convolvedActivation } from '../../src/models/rewrites/convolved-activation.ts';
import { normalizedActivation } from '../../src/models/rewrites/normalized-activation.ts';
import { pooledConv2d } from '../../src/models/rewrites/pooled-conv2d.ts';
import { rewriteLayers, type Rewrite } from '../../src/models/rewrites/rewrite.ts';
import { upsampledConv2d } from '../../src/models/rewrites/upsampled-conv2d.ts';
import type { Shape } from '../../src/models/shape.ts';
import { expectSamePass, networkOf, passOf } from '../rig/networks.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

interface RewriteCase {
  readonly rewrite: Rewrite;
  readonly matching: readonly (readonly LayerSpec[])[];
  readonly others: readonly (readonly LayerSpec[])[];
}

const upSampling = { use: 'upSampling2d' };
const conv = { use: 'conv2d', filters: 5, kernelSize: 3 };
const normalization = { use: 'batchNormalization', momentum: 0.7 };
/** Makes images of even sizes. */
const even = { use: 'conv2d', filters: 3, kernelSize: 2, padding: 'valid' };
const means = { use: 'averagePooling2d' };
const relu = { use: 'activation', activation: 'relu' };
const row = { use: 'flatten' };
const dense = { use: 'dense', units: 5 };

const group = (...layers: readonly LayerSpec[]) => ({ use: 'sequential', name: 'up', layers });

const cases: Record<string, RewriteCase> = {
  'grouped layers': {
    rewrite: groupedLayers,
    matching: [[group(conv, normalization)], [group(upSampling), group(group(conv)), normalization]],
    others: [[conv, normalization]],
  },
  'upsampled convolution': {
    rewrite: upsampledConv2d,
    matching: [
      [upSampling, conv],
      [upSampling, { ...conv, activation: 'tanh' }],
      [upSampling, { ...conv, useBias: false }],
      [conv, upSampling, conv, upSampling, { ...conv, activation: 'relu' }],
    ],
    others: [
      [conv, upSampling],
      [{ ...upSampling, size: 3 }, conv],
      [upSampling, { ...conv, kernelSize: 1 }],
      [upSampling, { ...conv, strides: 2 }],
      [upSampling, { ...conv, padding: 'valid' }],
      [upSampling, { use: 'activation', activation: 'relu' }, conv],
      [upSampling, { use: 'conv2dTranspose', filters: 5, kernelSize: 3 }],
    ],
  },
  'cancelled bias': {
    rewrite: cancelledBias,
    matching: [
      [conv, normalization],
      [{ use: 'conv2dTranspose', filters: 5, kernelSize: 4, strides: 2 }, normalization],
      [row, dense, normalization],
      [row, dense, normalization, dense, normalization, { use: 'activation', activation: 'relu' }],
    ],
    others: [
      [normalization, conv],
      [{ ...conv, activation: 'relu' }, normalization],
      [{ ...conv, useBias: false }, normalization],
      [conv, { use: 'leakyReLU' }, normalization],
      [normalization, normalization],
    ],
  },
  'convolution and means': {
    rewrite: pooledConv2d,
    matching: [
      [even, conv, means],
      [even, { ...conv, useBias: false, spectralNormalization: true }, means],
      [upSampling, relu, conv, means, relu],
    ],
    others: [
      [conv, means],
      [even, means, conv],
      [even, { ...conv, activation: 'relu' }, means],
      [even, { ...conv, kernelSize: 1 }, means],
      [even, { ...conv, strides: 2 }, means],
      [even, conv, { ...means, poolSize: 3 }],
      [even, conv, relu, means],
    ],
  },
  'convolution and activation': {
    rewrite: convolvedActivation,
    matching: [
      [conv, relu],
      [{ ...conv, strides: 2 }, { use: 'leakyReLU', alpha: 0.2 }, conv],
      [
        { ...conv, spectralNormalization: true, filters: 3 },
        { use: 'leakyReLU', alpha: 0 },
      ],
      [{ ...conv, kernelSize: 1 }, relu, conv, relu],
    ],
    others: [
      [relu, conv],
      [{ ...conv, padding: 'valid' }, relu],
      [{ ...conv, useBias: false }, relu],
      [{ ...conv, activation: 'tanh' }, relu],
      [conv, { use: 'activation', activation: 'tanh' }],
      [row, dense, relu],
    ],
  },
  'normalisation and activation': {
    rewrite: normalizedActivation,
    matching: [
      [normalization, relu],
      [normalization, { use: 'leakyReLU', alpha: 0.2 }],
      [conv, normalization, { use: 'leakyReLU', alpha: 0 }, conv],
      [upSampling, conv, normalization, relu, conv, normalization, relu],
      [{ ...normalization, conditional: true }, relu],
      [row, dense, { ...normalization, conditional: true }, { use: 'leakyReLU' }],
    ],
    others: [
      [relu, normalization],
      [normalization, { use: 'activation', activation: 'tanh' }],
      [normalization, conv, relu],
    ],
  },
};

/** Every rewrite held against the layers as they are written. */
export function rewriteCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });
  const image: Shape = [3, 3, 2];
  const text = (layers: readonly LayerSpec[]) => layers.map(layer => JSON.stringify(layer)).join(' ');

  test('every rewrite is in a case below', () => {
    expect(Object.values(cases).map(({ rewrite }) => rewrite)).toEqual(expect.arrayContaining([...rewrites]));
  });

  describe.each(Object.entries(cases))('%s', (_name, { rewrite, matching, others }) => {
    const changed = (layers: readonly LayerSpec[]) => {
      const written = networkOf(layers, image).layers;
      return rewriteLayers(written, [rewrite]).some(({ kind }) =>
        written.every(layer => layer.kind !== kind),
      );
    };

    test.each(matching.map(layers => [text(layers), layers] as const))('of %s', (_text, layers) => {
      expect(changed(layers)).toBe(true);
      for (const training of [true, false]) {
        const written = passOf(tensorflow, networkOf(layers, image), { training, plain: true });
        expectSamePass(passOf(tensorflow, networkOf(layers, image), { training }), written);
      }
    });

    test.each(others.map(layers => [text(layers), layers] as const))('not of %s', (_text, layers) => {
      expect(changed(layers)).toBe(false);
    });
  });

  test.each([
    ['in a row', [upSampling, conv, normalization]],
    ['across the ends of groups', [group(group(upSampling), conv), normalization]],
    ['with an activation', [group(upSampling, conv), group(normalization, relu)]],
  ])('all at once, %s', (_where, layers) => {
    const network = networkOf(layers, image);
    expect(rewriteLayers(network.layers, rewrites)).toHaveLength(2);
    for (const training of [true, false])
      expectSamePass(
        passOf(tensorflow, network, { training }),
        passOf(tensorflow, network, { training, plain: true }),
      );
  });
}
