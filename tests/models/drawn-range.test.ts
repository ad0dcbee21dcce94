import { expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import { drawnRange } from '../../src/models/drawn-range.ts';

const conv = (activation: string) => ({ use: 'conv2d', filters: 3, kernelSize: 3, activation });
const rangeOf = (...layers: readonly LayerSpec[]) => drawnRange({ layers });

test.each([
  ['tanh', [-1, 1]],
  ['sigmoid', [0, 1]],
  ['relu', [0, Infinity]],
  ['softplus', [0, Infinity]],
  ['elu', [-1, Infinity]],
])('%s bounds what a network draws', (activation, range) => {
  expect(rangeOf(conv(activation))).toEqual({ range, activation });
  expect(rangeOf(conv('linear'), { use: 'activation', activation })).toEqual({ range, activation });
});

test('and still does behind layers that keep numbers within their range', () => {
  const keeping = [
    { use: 'upSampling2d' },
    { use: 'maxPooling2d' },
    { use: 'averagePooling2d' },
    { use: 'globalAveragePooling2d' },
    { use: 'reshape', targetShape: [3] },
    { use: 'flatten' },
    { use: 'activation', activation: 'linear' },
    { use: 'activation' },
  ];
  expect(rangeOf(conv('tanh'), ...keeping)).toEqual({ range: [-1, 1], activation: 'tanh' });
});

test.each([
  [conv('linear')],
  [{ use: 'leakyReLU' }],
  [{ use: 'batchNormalization' }],
  [{ use: 'dropout', rate: 0.5 }],
])('nothing bounds it behind %j', layer => {
  expect(rangeOf(conv('tanh'), layer)).toBeUndefined();
});
