import { describe, expect, test } from 'vitest';
import { expandGan } from '../../src/models/blocks/expand-gan.ts';
import { namesIn, substitute } from '../../src/models/blocks/references.ts';
import type { Blocks, WrittenLayer } from '../../src/models/blocks/written.ts';
import { writtenPath } from '../../src/models/blocks/written-path.ts';
import { drawnRange } from '../../src/models/drawn-range.ts';
import { networkOf } from '../rig/networks.ts';

const conv = { use: 'conv2d', kernelSize: 3 };
const discriminator = { layers: [{ use: 'flatten' }, { use: 'dense', units: 1 }] };

const expand = (blocks: Blocks, ...layers: readonly WrittenLayer[]) =>
  expandGan({ latent: 4, blocks, generator: { layers }, discriminator });

const complaints = (blocks: Blocks, ...layers: readonly WrittenLayer[]) =>
  expand(blocks, ...layers).mistakes.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a block', () => {
  const up: Blocks = {
    up: {
      params: { filters: 64, kernelSize: null, activation: 'relu' },
      layers: [
        { use: 'upSampling2d' },
        { use: 'conv2d', filters: 'filters / 2', kernelSize: 'kernelSize', useBias: false },
        { use: 'activation', activation: 'activation' },
      ],
    },
  };

  test('is its layers in one, with the values of its parameters in their places', () => {
    const { generator, mistakes } = expand(
      up,
      { block: 'up', kernelSize: 3 },
      { block: 'up', kernelSize: 5, filters: 'channels' },
    );
    expect(mistakes).toEqual([]);
    expect(generator.layers).toEqual([
      {
        use: 'sequential',
        name: 'up',
        layers: [
          { use: 'upSampling2d' },
          { use: 'conv2d', filters: 32, kernelSize: 3, useBias: false },
          { use: 'activation', activation: 'relu' },
        ],
      },
      {
        use: 'sequential',
        name: 'up',
        layers: [
          { use: 'upSampling2d' },
          { use: 'conv2d', filters: 'channels / 2', kernelSize: 5, useBias: false },
          { use: 'activation', activation: 'relu' },
        ],
      },
    ]);
  });

  test('names its layers and their weights', () => {
    const { generator } = expand(up, { block: 'up', kernelSize: 3 }, { block: 'up', kernelSize: 3 });
    const { layers, weights } = networkOf(generator.layers, [4, 4, 2]);
    expect(layers.map(({ name }) => name)).toEqual(['up', 'up_1']);
    expect(weights.map(({ key }) => key)).toEqual(['net/up/conv2d/kernel', 'net/up_1/conv2d/kernel']);
  });

  test('may be used in branches and in other blocks, which pass their parameters on', () => {
    const blocks: Blocks = {
      unit: { params: { filters: null }, layers: [{ ...conv, filters: 'filters' }] },
      deep: {
        params: { filters: 8, inner: 'filters * 2' },
        layers: [
          {
            use: 'residual',
            layers: [
              { block: 'unit', filters: 'inner' },
              { block: 'unit', filters: 'filters' },
            ],
            shortcut: [{ block: 'unit', filters: 'filters' }],
          },
          { use: 'parallel', branches: [[{ block: 'unit', filters: 1 }], []] },
        ],
      },
    };
    const { generator, mistakes } = expand(blocks, { block: 'deep' });
    expect(mistakes).toEqual([]);
    const { weights, output } = networkOf(generator.layers, [4, 4, 2]);
    expect(output).toEqual([4, 4, 9]);
    expect(weights.filter(({ name }) => name === 'kernel').map(({ key, shape }) => [key, shape[3]])).toEqual([
      ['net/deep/residual/layers/unit/conv2d/kernel', 16],
      ['net/deep/residual/layers/unit_1/conv2d/kernel', 8],
      ['net/deep/residual/shortcut/unit/conv2d/kernel', 8],
      ['net/deep/parallel/branches/0/unit/conv2d/kernel', 1],
    ]);
  });

  test('may hold the activation that bounds what the generator draws', () => {
    const blocks = { end: { layers: [{ use: 'activation', activation: 'tanh' }, { use: 'flatten' }] } };
    expect(drawnRange(expand(blocks, { use: 'flatten' }, { block: 'end' }).generator)?.range).toEqual([
      -1, 1,
    ]);
  });
});

describe('a parameter in a block', () => {
  const scope = new Map<string, unknown>([
    ['n', 12],
    ['product', 'height / 2'],
    ['word', 'relu'],
    ['yes', true],
    ['list', [2, 'n']],
  ]);

  test.each([
    ['n', 12],
    [' n ', 12],
    ['n / 8', 1.5],
    ['n * n / 2', 72],
    ['height / 4 * n', 'height / 4 * 12'],
    ['product * 3', 'height / 2 * 3'],
    ['n / product', '12 / height * 2'],
    ['word', 'relu'],
    ['yes', true],
    ['yes * 2', 'true * 2'],
    ['list', [2, 'n']],
    ['nn', 'nn'],
    ['two words', 'two words'],
    [
      ['n', { stddev: 'n' }, 3, null],
      [12, { stddev: 12 }, 3, null],
    ],
  ])('%j is %j', (written, value) => {
    expect(substitute(written, scope)).toEqual(value);
  });

  test('is named in texts, lists and mappings', () => {
    expect(namesIn(['a * b / 2', { c: 'd', e: [3, 'f g'] }, true])).toEqual(['a', 'b', 'd']);
  });
});

describe('mistakes in the use of blocks', () => {
  test.each<[string, Blocks, readonly WrittenLayer[], readonly string[]]>([
    [
      'a block that there is not',
      { up: { layers: [{ block: 'upp' }] } },
      [{ block: 'up' }, { block: 'down' }],
      [
        'blocks.up.layers.0.block: generator, layer 1 (block up), layer 1 (block upp): there is no block "upp"',
        'generator.layers.1.block: generator, layer 2 (block down): there is no block "down"',
      ],
    ],
    [
      'parameters that it has not, and those that it needs',
      { up: { params: { filters: null, size: 2 }, layers: [conv] } },
      [{ block: 'up', filter: 3 }],
      [
        'generator.layers.0: generator, layer 1 (block up): unknown parameter "filter" of block up',
        'generator.layers.0: generator, layer 1 (block up): missing parameter "filters" of block up, which has no default for it',
      ],
    ],
    [
      'a block that contains itself',
      { up: { layers: [{ use: 'residual', layers: [{ block: 'up' }] }] } },
      [{ block: 'up' }],
      [
        'blocks.up.layers.0.layers.0: generator, layer 1 (block up), layer 1 (residual), layer 1 (block up): block up contains itself: up → up',
      ],
    ],
    [
      'blocks that contain each other',
      { a: { layers: [{ block: 'b' }] }, b: { layers: [{ block: 'c' }] }, c: { layers: [{ block: 'b' }] } },
      [{ block: 'a' }],
      [
        'blocks.c.layers.0: generator, layer 1 (block a), layer 1 (block b), layer 1 (block c), layer 1 (block b): block b contains itself: b → c → b',
      ],
    ],
    [
      'a value that a layer cannot take, once',
      { up: { params: { k: 3 }, layers: [{ ...conv, filters: 4, kernelSize: 'k' }] } },
      [{ block: 'up' }, { block: 'up', k: 0 }, { block: 'up', k: 0 }, { block: 'up', k: 'wide' }],
      [
        'blocks.up.layers.0.kernelSize: generator, layer 2 (block up), layer 1 (conv2d): parameter "kernelSize" has a wrong value',
        'blocks.up.layers.0.kernelSize: generator, layer 4 (block up), layer 1 (conv2d): parameter "kernelSize" has a wrong value',
      ],
    ],
    [
      'names that cannot be any',
      {
        conv2d: { layers: [{ use: 'flatten' }] },
        up_1: { params: { height: 3, block: 1, 'a-b': 2 }, layers: [{ use: 'flatten' }] },
      },
      [{ block: 'conv2d' }, { block: 'up_1' }],
      [
        'blocks.conv2d: "conv2d" cannot be the name of a block',
        'blocks.up_1: "up_1" cannot be the name of a block',
        'blocks.up_1.params.height: "height" cannot be the name of a parameter of block up_1',
        'blocks.up_1.params.block: "block" cannot be the name of a parameter of block up_1',
        'blocks.up_1.params.a-b: "a-b" cannot be the name of a parameter of block up_1',
      ],
    ],
  ])('%s', (_what, blocks, layers, expected) => {
    expect(complaints(blocks, ...layers)).toEqual(expected);
  });

  test('say what is possible', () => {
    const blocks: Blocks = {
      up: {
        params: { size: 3 },
        layers: [
          { ...conv, filters: 4, kernelSize: 'sise' },
          { use: 'activation', activation: 'rleu' },
        ],
      },
    };
    expect(
      expand(blocks, { block: 'ups' }, { block: 'flatten' }, { block: 'up', sizes: 3 }).mistakes,
    ).toMatchObject([
      { expected: 'one of up', suggestion: 'up' },
      { hint: 'It is a layer: write { use: flatten, … }.' },
      { expected: 'one of size', suggestion: 'size' },
      { expected: 'integer ≥ 1, or of the block’s parameters size', found: '"sise"', suggestion: 'size' },
      { suggestion: 'relu' },
    ]);
    const wrong = expand(
      { up: { params: { size: 3 }, layers: [{ ...conv, filters: 4, kernelSize: 'size / 2' }] } },
      { block: 'up' },
    );
    expect(wrong.mistakes).toMatchObject([
      {
        expected: 'integer ≥ 1',
        found: '1.5',
        hint: 'It is written size / 2, and size is 3: by the use of the block, or by default.',
      },
    ]);
  });

  test('blocks of blocks that are too many layers are refused', () => {
    const blocks: Record<string, Blocks[string]> = { b0: { layers: [{ use: 'flatten' }] } };
    for (let level = 1; level < 40; level++)
      blocks[`b${level}`] = { layers: [{ block: `b${level - 1}` }, { block: `b${level - 1}` }] };
    expect(complaints(blocks, { block: 'b39' })[0]).toContain(
      'the network has more than 10000 layers with this block in it',
    );
  });

  test('what nothing uses is a warning', () => {
    const blocks: Blocks = {
      used: { params: { filters: 3, more: 1 }, layers: [{ ...conv, filters: 'filters' }] },
      one: { layers: [{ block: 'other' }] },
      other: { layers: [{ block: 'one' }] },
    };
    const { mistakes, warnings } = expand(blocks, { block: 'used' });
    expect(mistakes).toEqual([]);
    expect(warnings.map(({ path, severity, message }) => [path.join('.'), severity, message])).toEqual([
      ['blocks.used.params.more', 'warning', 'no layer of block used uses its parameter "more"'],
      ['blocks.one', 'warning', 'nothing uses block one'],
      ['blocks.other', 'warning', 'nothing uses block other'],
    ]);
  });
});

test('the place of a layer in a block is in the block', () => {
  const blocks: Blocks = {
    a: { layers: [{ use: 'residual', layers: [{ use: 'flatten' }, { block: 'b' }] }] },
    b: { layers: [{ use: 'flatten' }] },
  };
  const written = { blocks, generator: { layers: [{ use: 'flatten' }, { block: 'a' }] } };
  const at = (...path: readonly (string | number)[]) =>
    writtenPath(written, ['generator', 'layers', ...path]).join('.');
  expect(at(0)).toBe('generator.layers.0');
  expect(at(1)).toBe('generator.layers.1');
  expect(at(1, 'layers', 0)).toBe('blocks.a.layers.0');
  expect(at(1, 'layers', 0, 'layers', 1)).toBe('blocks.a.layers.0.layers.1');
  expect(at(1, 'layers', 0, 'layers', 1, 'layers', 0)).toBe('blocks.b.layers.0');
});
