import { describe, expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import { inferNetwork } from '../../src/models/infer.ts';
import { trainedWeights } from '../../src/models/forward.ts';
import { named } from '../../src/models/size.ts';
import { summarize } from '../../src/models/summary.ts';
import { networkOf, testDimensions } from '../rig/networks.ts';

const conv = (filters: number) => ({ use: 'conv2d', filters, kernelSize: 3 });

const block = {
  use: 'residual',
  layers: [conv(4), { use: 'batchNormalization' }, conv(4)],
  shortcut: [conv(4)],
};

const infer = (layers: readonly LayerSpec[], input = [6, 6, 2] as readonly number[]) =>
  inferNetwork('generator', { layers }, input, testDimensions);

test('weights inside a branch are called by their place', () => {
  const network = networkOf([block, block], [6, 6, 2]);
  const names = network.weights.map(({ key }) => key);
  expect(names.slice(0, 3)).toEqual([
    'net/residual/layers/conv2d/kernel',
    'net/residual/layers/conv2d/bias',
    'net/residual/layers/batchNormalization/gamma',
  ]);
  expect(names).toContain('net/residual/layers/conv2d_1/kernel');
  expect(names).toContain('net/residual_1/shortcut/conv2d/bias');
  expect(new Set(names).size).toBe(names.length);
});

test('a bias that a branch’s normalisation cancels is not trained', () => {
  const trained = trainedWeights(networkOf([block], [6, 6, 2])).map(({ key }) => key);
  expect(trained).not.toContain('net/residual/layers/conv2d/bias');
  expect(trained).toContain('net/residual/layers/conv2d_1/bias');
  expect(trained).toContain('net/residual/shortcut/conv2d/bias');
});

test('a label inside a branch makes the network conditional', () => {
  const labelled = { ...block, layers: [{ use: 'concatenate-label' }, conv(4)] };
  expect(infer([labelled]).conditional).toBe(true);
  expect(infer([block]).conditional).toBe(false);
});

test('shapes stay symbolic through branches', () => {
  const dimensions = { ...testDimensions, height: named('height'), width: named('width') };
  const input = [dimensions.height, dimensions.width, 2];
  const { output, mistakes } = inferNetwork('generator', { layers: [block] }, input, dimensions);
  expect(output).toEqual([named('height'), named('width'), 4]);
  expect(mistakes).toEqual([]);
});

test('branches side by side are joined on the channels', () => {
  const network = networkOf([{ use: 'parallel', branches: [[conv(4), conv(3)], [], [conv(1)]] }], [6, 6, 2]);
  expect(network.output).toEqual([6, 6, 6]);
  expect(network.weights.filter(({ name }) => name === 'kernel').map(({ key }) => key)).toEqual([
    'net/parallel/branches/0/conv2d/kernel',
    'net/parallel/branches/0/conv2d_1/kernel',
    'net/parallel/branches/2/conv2d/kernel',
  ]);
});

test('the summary shows the layers inside of layers as a tree', () => {
  const side = { use: 'parallel', branches: [[], [block, { use: 'leakyReLU' }]] };
  const lines = summarize(networkOf([block, side, { use: 'flatten' }], [6, 6, 2])).split('\n');
  expect(lines.slice(2).map(line => line.slice(0, 42).trimEnd())).toEqual([
    'input                        [B, 6, 6, 2]',
    'residual                     [B, 6, 6, 4]',
    '├─ conv2d                    [B, 6, 6, 4]',
    '├─ batchNormalization        [B, 6, 6, 4]',
    '├─ conv2d_1                  [B, 6, 6, 4]',
    '└─ shortcut                  [B, 6, 6, 4]',
    '   └─ conv2d                 [B, 6, 6, 4]',
    'parallel                     [B, 6, 6, 8]',
    '├─ branch 1                  [B, 6, 6, 4]',
    '└─ branch 2                  [B, 6, 6, 4]',
    '   ├─ residual               [B, 6, 6, 4]',
    '   │  ├─ conv2d              [B, 6, 6, 4]',
    '   │  ├─ batchNormalization  [B, 6, 6, 4]',
    '   │  ├─ conv2d_1            [B, 6, 6, 4]',
    '   │  └─ shortcut            [B, 6, 6, 4]',
    '   │     └─ conv2d           [B, 6, 6, 4]',
    '   └─ leakyReLU              [B, 6, 6, 4]',
    'flatten                      [B, 288]',
  ]);
});

describe('a mistake names its place', () => {
  test('inside a branch', () => {
    const wrong = { ...block, shortcut: [{ use: 'flatten' }, conv(4)] };
    expect(infer([conv(2), wrong]).mistakes).toEqual([
      {
        path: ['layers', 1, 'shortcut', 1],
        message:
          'generator, layer 2 (residual), shortcut, layer 2 (conv2d): needs an image [B, height, width, channels], and gets [B, 72]',
        details: ['It gets [B, 72] from layer 1.'],
        hint: expect.any(String) as string,
      },
    ]);
  });

  test('of the first layer of a branch: with what comes to the block', () => {
    const wrong = { ...block, shortcut: [{ use: 'dense', units: 4 }] };
    const { mistakes } = infer([conv(2), wrong]);
    expect(mistakes[0]?.details).toEqual(['It gets [B, 6, 6, 2] from layer 1.']);
  });

  test('of a residual whose shortcut differs', () => {
    const { mistakes, output } = infer([{ ...block, shortcut: [] }, { use: 'flatten' }]);
    expect(mistakes).toEqual([
      {
        path: ['layers', 0],
        message:
          'generator, layer 1 (residual): its layers end in [B, 6, 6, 4] and its shortcut in [B, 6, 6, 2], which cannot be added',
        details: ['It gets [B, 6, 6, 2] from the network’s input.'],
        hint: 'Give it shortcut: [{ use: conv2d, filters: 4, kernelSize: 1 }].',
      },
    ]);
    expect(output).toEqual([144]);
  });

  test.each([
    [
      [{ ...conv(4), strides: 2 }],
      [],
      'averagePooling2d, poolSize: 2 }, { use: conv2d, filters: 4, kernelSize: 1 }].',
    ],
    [[{ ...conv(2), strides: 2 }], [], 'Give it shortcut: [{ use: averagePooling2d, poolSize: 2 }].'],
    [
      [{ use: 'upSampling2d' }],
      [conv(4)],
      'End the shortcut with { use: upSampling2d, size: 2 }, { use: conv2d, filters: 2,',
    ],
    [
      [{ use: 'flatten' }, { use: 'dense', units: 5 }],
      [{ use: 'flatten' }],
      'End the shortcut with { use: dense, units: 5 }.',
    ],
    [[{ use: 'flatten' }], [], 'Change the layers of one of the two.'],
    [[{ ...conv(2), padding: 'valid' }], [], 'Change the layers of one of the two.'],
  ])('with what the shortcut lacks: %#', (layers, shortcut, hint) => {
    const [mistake] = infer([{ use: 'residual', layers, shortcut }]).mistakes;
    expect(mistake?.hint).toContain(hint);
  });

  test('of parallel branches that cannot be joined', () => {
    const { mistakes, output } = infer([
      { use: 'parallel', branches: [[conv(4)], [{ ...conv(3), strides: 2 }], []] },
      { use: 'flatten' },
    ]);
    expect(mistakes.map(({ path, message, hint }) => [path, message, hint])).toEqual([
      [
        ['layers', 0],
        'generator, layer 1 (parallel): its branches end in [B, 6, 6, 4] and [B, 3, 3, 3] and [B, 6, 6, 2], which differ in more than the channels',
        'Change the branches so that only the last number differs.',
      ],
    ]);
    expect(output).toEqual([6 * 6 * 9]);
  });

  test('inside one of several branches', () => {
    const { mistakes } = infer([
      { use: 'parallel', branches: [[{ use: 'flatten' }], [conv(4), { use: 'dense', units: 3 }]] },
    ]);
    expect(mistakes.map(({ path, message }) => [path, message])).toEqual([
      [
        ['layers', 0, 'branches', 1, 1],
        'generator, layer 1 (parallel), branch 2, layer 2 (dense): needs rows [B, units], and gets [B, 6, 6, 4]; flatten first',
      ],
    ]);
  });

  test('of a second output of the same name', () => {
    const { mistakes } = infer([{ use: 'class-head' }, { use: 'class-head' }], [6]);
    expect(mistakes).toEqual([
      {
        path: ['layers', 1],
        message: 'generator, layer 2 (class-head_1): gives a second output called class',
        details: ['It gets [B, 6] from layer 1.'],
        hint: 'Keep one of the layers that give it.',
      },
    ]);
  });
});
