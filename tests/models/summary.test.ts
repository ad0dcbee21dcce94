import { expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import { multiplyAdds, shortCount, summarize } from '../../src/models/summary.ts';
import { builtInNetworks } from '../rig/reference-gan.ts';
import { networkOf } from '../rig/networks.ts';

const count = (...layers: readonly LayerSpec[]) => multiplyAdds(networkOf(layers, [6, 6, 4]));

test.each<[string, LayerSpec, number]>([
  [
    'a convolution: each output is a sum over the kernel',
    { use: 'conv2d', filters: 5, kernelSize: 3 },
    6 * 6 * 5 * 3 * 3 * 4,
  ],
  ['one with strides', { use: 'conv2d', filters: 5, kernelSize: 3, strides: 2 }, 3 * 3 * 5 * 3 * 3 * 4],
  [
    'one without padding',
    { use: 'conv2d', filters: 5, kernelSize: 3, padding: 'valid' },
    4 * 4 * 5 * 3 * 3 * 4,
  ],
  [
    'a depthwise one: each output is a sum over the window of one channel',
    { use: 'depthwiseConv2d', kernelSize: 3, depthMultiplier: 2, strides: 2 },
    3 * 3 * 8 * 3 * 3,
  ],
  [
    'a transposed one: each input is spread by the kernel',
    { use: 'conv2dTranspose', filters: 5, kernelSize: 4, strides: 2 },
    6 * 6 * 4 * 4 * 4 * 5,
  ],
  ['what has no kernel', { use: 'batchNormalization' }, 0],
])('multiply-adds of %s', (_what, layer, expected) => {
  expect(count(layer)).toBe(expected);
});

test('multiply-adds of rows, and of layers inside of layers', () => {
  const row = { use: 'flatten' };
  expect(count(row, { use: 'dense', units: 7 })).toBe(144 * 7);
  expect(count(row, { use: 'projection' })).toBe(144 * 2);
  expect(count(row, { use: 'class-head' })).toBe(144 * 3);
  const conv = { use: 'conv2d', filters: 4, kernelSize: 1 };
  expect(
    count({
      use: 'residual',
      layers: [conv, { use: 'sequential', name: 'a', layers: [conv] }],
      shortcut: [conv],
    }),
  ).toBe(3 * 6 * 6 * 4 * 4);
});

// Half of what torch.utils.flop_counter.FlopCounterMode counts for the same networks in PyTorch.
test('multiply-adds of the built-in networks', () => {
  const { generator, discriminator } = builtInNetworks('dcgan');
  expect([generator, discriminator].map(multiplyAdds)).toEqual([115_834_880, 7_303_168]);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1 k'],
  [1049, '1.05 k'],
  [999_499, '999 k'],
  [999_500, '1 M'],
  [115_834_880, '116 M'],
  [2.5e13, '25 T'],
])('%i is %s', (number, text) => {
  expect(shortCount(number)).toBe(text);
});

test('what the defaults or the output shape say is left out of the parameters', () => {
  const text = summarize(
    networkOf(
      [{ use: 'conv2d', filters: 4, kernelSize: 3, kernelInitializer: { use: 'heNormal', gain: 2 } }],
      [6, 6, 4],
    ),
  );
  expect(text.split('\n').at(-1)).toMatch(/ kernelSize 3, kernelInitializer \{ use: heNormal, gain: 2 \}$/);
});
