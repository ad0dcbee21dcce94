import { describe, expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import { inferGan } from '../../src/models/gan.ts';
import { named, type Size } from '../../src/models/size.ts';

const drawing = [
  { use: 'dense', units: 'height * width * channels' },
  { use: 'reshape', targetShape: ['height', 'width', 'channels'] },
];
const label = { use: 'concatenate-label' };
const head = { use: 'class-head' };
const judging = { use: 'dense', units: 1 };
const normalization = { use: 'batchNormalization', conditional: true };

function mistakesOf(
  generator: readonly LayerSpec[],
  discriminator: readonly LayerSpec[],
  classes: Size = named('classes'),
) {
  const { mistakes } = inferGan({
    latentDim: 8,
    imageShape: [4, 4, 3],
    classes,
    generator: { layers: [...generator, ...drawing] },
    discriminator: { layers: [{ use: 'flatten' }, ...discriminator] },
  });
  return mistakes.map(({ network, path, code, message }) => ({ at: [network, ...path], code, message }));
}

const residual = (...layers: LayerSpec[]) => ({ use: 'residual', layers });

describe('a GAN is whole', () => {
  test.each<[string, LayerSpec[], LayerSpec[]]>([
    ['without labels', [], [judging]],
    ['with the label in both', [label], [label, judging]],
    ['with a projection', [label], [{ use: 'projection' }]],
    ['with conditional normalisation', [normalization], [{ use: 'projection' }]],
    ['with a class head', [label], [head, judging]],
    ['with a class head and a projection', [label], [head, { use: 'projection' }]],
    ['with the label in a branch', [residual(normalization)], [residual(normalization), judging]],
  ])('%s', (_name, generator, discriminator) => {
    expect(mistakesOf(generator, discriminator)).toEqual([]);
    expect(mistakesOf(generator, discriminator, 10)).toEqual([]);
  });
});

describe('what one network knows of the classes and the other does not is a mistake of its layer', () => {
  test.each<[string, LayerSpec[], LayerSpec[], unknown]>([
    [
      'conditional normalisation in the generator alone',
      [{ use: 'dense', units: 4 }, normalization],
      [judging],
      {
        at: ['generator', 'layers', 1],
        code: 'half-conditional',
        message: 'generator, layer 2 (batchNormalization): takes the label, and the discriminator does not',
      },
    ],
    [
      'a projection in an unconditional model',
      [],
      [{ use: 'projection' }],
      {
        at: ['discriminator', 'layers', 1],
        code: 'half-conditional',
        message:
          'discriminator, layer 2 (projection): takes the label, and the generator does not take the label',
      },
    ],
    [
      'a class head without labels',
      [],
      [head, judging],
      {
        at: ['discriminator', 'layers', 1],
        code: 'half-conditional',
        message:
          'discriminator, layer 2 (class-head): learns the classes of images, and the generator does not take the label',
      },
    ],
    [
      'a class head behind the label',
      [label],
      [label, head, judging],
      {
        at: ['discriminator', 'layers', 2],
        code: 'told-class',
        message:
          'discriminator, layer 3 (class-head): learns the classes of images, which concatenate-label before it is told',
      },
    ],
    [
      'a class head in the generator',
      [label, head],
      [label, judging],
      {
        at: ['generator', 'layers', 1],
        code: 'misplaced-class-head',
        message: 'generator, layer 2 (class-head): tells the classes of images, and a generator draws them',
      },
    ],
    [
      'a label inside a branch',
      [],
      [residual(normalization), judging],
      {
        at: ['discriminator', 'layers', 1, 'layers', 0],
        code: 'half-conditional',
        message: expect.stringContaining('(batchNormalization): takes the label') as string,
      },
    ],
  ])('%s', (_name, generator, discriminator, mistake) => {
    expect(mistakesOf(generator, discriminator)).toEqual([mistake]);
  });
});

test('a discriminator is not said to know no classes where a mistake hides its layers', () => {
  const unshaped = { use: 'reshape', targetShape: ['height / 3'] };
  for (const layers of [
    [{ use: 'conv2d', filters: 3, kernelSize: 3 }, head, judging],
    [unshaped, head],
  ]) {
    const codes = mistakesOf([label], layers, 10).map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(['shape-mismatch']));
  }
});

test.each<[string, LayerSpec[], LayerSpec[], unknown]>([
  ['the label', [label], [label, judging], ['generator', 'layers', 0]],
  [
    'conditional normalisation',
    [residual(normalization)],
    [head, judging],
    ['generator', 'layers', 0, 'layers', 0],
  ],
  ['a class head', [], [head, judging], ['discriminator', 'layers', 1]],
])('%s and data of a single class is a mistake', (_name, generator, discriminator, at) => {
  expect(mistakesOf(generator, discriminator, 1)).toEqual([
    {
      at,
      code: 'one-class',
      message: expect.stringContaining('distinguishes classes, and the data has a single one') as string,
    },
  ]);
});
