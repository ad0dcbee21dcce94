import { expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import { inferNetwork } from '../../src/models/infer.ts';
import { named, UNKNOWN } from '../../src/models/size.ts';
import { testDimensions } from '../rig/networks.ts';

const infer = (layer: LayerSpec, input: readonly number[]) =>
  inferNetwork('generator', { layers: [layer] }, input, testDimensions);

test.each<[LayerSpec, readonly number[], string, string]>([
  [
    { use: 'groupNormalization', groups: 5 },
    [4, 4, 48],
    'cannot make 5 groups of 48 channels',
    'Give a number of groups that divides 48.',
  ],
  [
    { use: 'layerNormalization', axis: [1, 2, 3] },
    [10],
    'normalises over axis [1,2,3], and gets [B, 10]',
    'Name axes from 1 to 1, each once; -1 is the last one.',
  ],
  [
    { use: 'layerNormalization', axis: [-1, 3] },
    [4, 4, 2],
    'normalises over axis [-1,3], and gets [B, 4, 4, 2]',
    'Name axes from 1 to 3, each once; -1 is the last one.',
  ],
  [
    { use: 'layerNormalization', axis: 0 },
    [4, 4, 2],
    'normalises over axis 0, and gets [B, 4, 4, 2]',
    'Name axes from 1 to 3, each once; -1 is the last one.',
  ],
  [
    { use: 'prelu', sharedAxes: [1, 2] },
    [10],
    'shares alpha along axis 2, and gets [B, 10]',
    'Name axes from 1 to 1.',
  ],
  [
    { use: 'embedding', outputDim: 50, merge: 'multiply' },
    [100],
    'cannot multiply [B, 50] and [B, 100]',
    'Give it { outputDim: 100 }.',
  ],
  [
    { use: 'embedding', outputDim: 50 },
    [4, 4],
    'needs rows or images, and gets [B, 4, 4]',
    'Change the layer’s parameters, or the layers before it.',
  ],
  [
    { use: 'depthwiseConv2d', kernelSize: 5, padding: 'valid' },
    [4, 4, 2],
    'has a kernel of 5×5, larger than [B, 4, 4, 2]',
    'Change the layer’s parameters, or the layers before it.',
  ],
  [
    { use: 'globalSumPooling2d' },
    [10],
    'needs an image [B, height, width, channels], and gets [B, 10]',
    'Change the layer’s parameters, or the layers before it.',
  ],
])('%j cannot take %j', (layer, input, message, hint) => {
  const { mistakes } = infer(layer, input);
  expect(mistakes.map(({ message: found, hint: way }) => [found, way])).toEqual([
    [`generator, layer 1 (${layer.use}): ${message}`, hint],
  ]);
});

test('shapes stay symbolic through the layers that keep them', () => {
  const dimensions = { ...testDimensions, height: named('height'), width: named('width') };
  const layers = [
    { use: 'groupNormalization', groups: 2 },
    { use: 'layerNormalization', axis: [1, 2, 3] },
    { use: 'prelu', sharedAxes: [1, 2] },
    { use: 'depthwiseConv2d', kernelSize: 3, depthMultiplier: 2 },
    { use: 'embedding', outputDim: 3 },
    { use: 'spatialDropout2d', rate: 0.5 },
  ];
  const { layers: found, mistakes } = inferNetwork(
    'generator',
    { layers },
    [named('height'), named('width'), 4],
    dimensions,
  );
  expect(mistakes).toEqual([]);
  expect(found.at(-1)?.output).toEqual([named('height'), named('width'), 11]);
  const padded = inferNetwork(
    'generator',
    { layers: [{ use: 'zeroPadding2d' }] },
    [named('height'), 4, 2],
    dimensions,
  );
  expect(padded.output).toEqual([UNKNOWN, 6, 2]);
});
