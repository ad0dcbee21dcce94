import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/core/failure.ts';
import { loadPlan, type LoadPlanResult } from '../../src/plan/load-plan.ts';
import { brief } from '../config/rig.ts';
import { makeProject, type ProjectFiles } from '../rig/pipe.ts';

/** What is found in `p.yaml` before anything runs. */
async function find(files: ProjectFiles): Promise<LoadPlanResult> {
  const project = await makeProject(files);
  return loadPlan('p.yaml', { cwd: project.dir, env: {} });
}

const problemsOf = (result: LoadPlanResult): readonly Problem[] =>
  result.ok ? result.plan.pipeline.warnings : result.problems;

const briefly = async (files: ProjectFiles): Promise<readonly string[]> =>
  problemsOf(await find(files)).map(brief);

const pipeline = (...stages: readonly string[]) =>
  `name: x\nstages:\n${stages.map(stage => `  - ${stage}\n`).join('')}`;

const synthetic = '{ use: load-cifar, params: { source: synthetic, count: 40 } }';
const own = '{ use: build-model, params: { model: net.yaml } }';

interface Layers {
  readonly generator?: readonly string[];
  readonly discriminator?: readonly string[];
}

/** A network file: the generator's first layer is on line 4, the discriminator's on the second line after its last. */
const network = ({
  generator = [
    'dense, units: height / 2 * width / 2 * 4',
    'reshape, targetShape: [height / 2, width / 2, 4]',
    'upSampling2d',
    'conv2d, filters: channels, kernelSize: 3, activation: tanh',
  ],
  discriminator = ['conv2d, filters: 4, kernelSize: 3, strides: 2', 'flatten', 'dense, units: 1'],
}: Layers) =>
  [
    'latent: 4',
    'generator:',
    '  layers:',
    ...generator.map(layer => `    - { use: ${layer} }`),
    'discriminator:',
    '  layers:',
    ...discriminator.map(layer => `    - { use: ${layer} }`),
    '',
  ].join('\n');

/** A stage of the user's that says what it makes, or nothing. */
const userStage = (name: string, more: string) => `
import { defineStage, Type } from 'pipe';
export default defineStage({
  name: '${name}', version: 1, summary: 'Changes pictures.', params: Type.Object({}),
  inputs: { dataset: { kind: 'dataset', description: 'Pictures.' } },
  outputs: { dataset: { kind: 'dataset', description: 'Pictures.' } },
  ${more}
  run: async ({ inputs }) => inputs,
});
`;

describe('networks that do not fit are mistakes in the network’s own file', () => {
  it('a fitting one is none', async () => {
    const result = await find({
      'p.yaml': pipeline(synthetic, 'use: normalize', own, 'use: train'),
      'net.yaml': network({}),
    });
    expect(problemsOf(result)).toEqual([]);
    expect(result.ok).toBe(true);
  });

  it('in both networks at once, layer by layer', async () => {
    const net = network({
      generator: [
        'concatenate-label',
        'dense, units: 100',
        'reshape, targetShape: [height / 2, width / 2, 4]',
        'conv2d, filters: channels, kernelSize: 3, activation: tanh',
      ],
      discriminator: [
        'conv2d, filters: 4, kernelSize: 3, strides: 2',
        'dense, units: 2',
        'activation, activation: sigmoid',
      ],
    });
    const result = await find({ 'p.yaml': pipeline(synthetic, own), 'net.yaml': net });
    expect(problemsOf(result).map(brief)).toEqual([
      'net.yaml:4:7 [{ use: concatenate-label }] generator, layer 1 (concatenate-label): takes the label, and the discriminator does not',
      'net.yaml:6:7 [{ use: reshape, targetShape: [height / 2, width / 2, 4] }] generator, layer 3 (reshape): cannot make [B, 16, 16, 4] (1024 numbers) of [B, 100] (100 numbers)',
      'net.yaml:7:7 [{ use: conv2d, filters: channels, kernelSize: 3, activation: tanh }] generator, layer 4 (conv2d): the network ends in [B, 16, 16, 3], and the images of the data are [B, 32, 32, 3]',
      'net.yaml:11:7 [{ use: dense, units: 2 }] discriminator, layer 2 (dense): needs rows [B, units], and gets [B, 16, 16, 4]; flatten first',
      'net.yaml:11:7 [{ use: dense, units: 2 }] discriminator, layer 2 (dense): the network ends in [B, 2], and one number per image, [B, 1], is needed',
    ]);
    expect(problemsOf(result).map(({ hint }) => hint)).toEqual([
      'Put a concatenate-label, a projection or a class-head into the discriminator, or leave this layer out.',
      'Change the layer’s parameters, or the layers before it.',
      'Enlarge by 2 before it: { use: upSampling2d, size: 2 }.',
      'Put a flatten layer before it.',
      'End it with { use: dense, units: 1 }.',
    ]);
  });

  it('a picture size that the network cannot take', async () => {
    const images = '{ use: load-images, params: { source: pictures, size: 31 } }';
    const files = { 'pictures/cat/1.png': '' };
    const result = await find({ ...files, 'p.yaml': pipeline(images, own), 'net.yaml': network({}) });
    expect(problemsOf(result).map(brief)).toEqual([
      'net.yaml:5:7 [{ use: reshape, targetShape: [height / 2, width / 2, 4] }] generator, layer 2 (reshape): `height / 2` is 15.5 for these images, and must be a whole number above 0',
    ]);
    expect(problemsOf(result)[0]?.hint).toBe(
      'Take images whose height can be divided by 2, such as 30 or 32, or change the network.',
    );
    const builtIn = pipeline(images.replace('31', '30'), '{ use: build-model, params: { model: dcgan } }');
    expect(await briefly({ ...files, 'p.yaml': builtIn })).toEqual([
      'p.yaml:4:42 [dcgan] generator, layer 2 (reshape): `height / 4` is 7.5 for these images, and must be a whole number above 0',
    ]);
  });
});

describe('where a stage says nothing of the images', () => {
  const dark = { 'dark.ts': userStage('dark', '') };
  const p = pipeline(synthetic, 'use: ./dark.ts', own, 'use: train');

  it('what is wrong for every size is found', async () => {
    const net = network({
      generator: [
        'dense, units: height / 2 * width / 2 * 4',
        'reshape, targetShape: [height / 2, width / 2, 8]',
        'conv2d, filters: channels, kernelSize: 3',
      ],
      discriminator: ['conv2d, filters: 4, kernelSize: 3, strides: 2', 'flatten', 'dense, units: 3'],
    });
    const found = await briefly({ ...dark, 'p.yaml': p, 'net.yaml': net });
    expect(found.map(text => text.replace(/.*\] (?=\w+, layer)/, ''))).toEqual([
      'generator, layer 2 (reshape): cannot make [B, height / 2, width / 2, 8] (2 × height × width numbers) of [B, height × width] (height × width numbers)',
      'generator, layer 3 (conv2d): the network ends in [B, height / 2, width / 2, channels], and the images of the data are [B, height, width, channels]',
      'discriminator, layer 3 (dense): the network ends in [B, 3], and one number per image, [B, 1], is needed',
    ]);
  });

  it('and what may be right for some is not', async () => {
    const generator = [
      'dense, units: 400',
      'reshape, targetShape: [20, 20, 1]',
      'conv2d, filters: 1, kernelSize: 3, padding: valid',
    ];
    expect(await briefly({ ...dark, 'p.yaml': p, 'net.yaml': network({ generator }) })).toEqual([]);
  });
});

describe('data that the training cannot use', () => {
  const outline = (sizes: string) =>
    userStage('dark', `outline: (_, { dataset }) => ({ outputs: { dataset: { ...dataset, ${sizes} } } }),`);

  it('images with other than 1 or 3 channels, at the stage', async () => {
    const p = pipeline(synthetic, 'use: ./dark.ts', 'use: normalize', own, 'use: train');
    expect(
      await briefly({ 'p.yaml': p, 'dark.ts': outline('channels: 4'), 'net.yaml': network({}) }),
    ).toEqual([
      'p.yaml:7:10 [train] the images have 4 channels: only those with 1 (grey) or 3 (RGB) can be drawn',
    ]);
  });

  it('images of another size than those that the networks are built for', async () => {
    const p = pipeline(synthetic, own, 'use: ./dark.ts', 'use: normalize', 'use: train');
    expect(
      await briefly({ 'p.yaml': p, 'dark.ts': outline('height: 16, width: 16'), 'net.yaml': network({}) }),
    ).toEqual(['p.yaml:7:10 [train] the networks are built for images of 32×32×3, and these are of 16×16×3']);
  });

  it('one mean per channel, for other channels', async () => {
    const p = pipeline(synthetic, '{ use: normalize, params: { mean: [0.5, 0.5], std: auto } }');
    expect(await briefly({ 'p.yaml': p })).toEqual([
      'p.yaml:4:33 [mean] mean has 2 numbers; the images have 3 channels',
    ]);
  });

  it('classes that the model cannot draw', async () => {
    const sample = (classes: string) => `{ use: sample, params: { classes: ${classes} } }`;
    const model = (name: string) => `{ use: build-model, params: { model: ${name} } }`;
    const stages = (name: string, classes: string) =>
      pipeline(synthetic, 'use: normalize', model(name), 'use: train', sample(classes));
    expect(await briefly({ 'p.yaml': stages('cgan', '[disc, rnig]') })).toEqual([
      'p.yaml:7:46 [rnig] there is no class "rnig"',
    ]);
    expect(await briefly({ 'p.yaml': stages('dcgan', '[disc]') })).toEqual([
      'p.yaml:7:30 [classes] the model takes no labels: it cannot draw the classes asked for',
    ]);
  });

  it('an outline that throws is the stage’s fault', async () => {
    const p = pipeline(synthetic, 'use: ./dark.ts');
    const throwing = userStage('dark', `outline: () => { throw new TypeError('no idea'); },`);
    expect(await briefly({ 'p.yaml': p, 'dark.ts': throwing })).toEqual([
      'p.yaml:4:10 [./dark.ts] the outline of stage "dark" fails: no idea',
    ]);
  });
});

describe('images that the generator cannot draw are warned of', () => {
  const range = async (...normalize: readonly string[]) => {
    const p = pipeline(synthetic, ...normalize, own, 'use: train');
    const result = await find({ 'p.yaml': p, 'net.yaml': network({}) });
    return result.ok
      ? result.plan.pipeline.warnings.map(({ message, hint }) => [message, hint])
      : problemsOf(result);
  };

  it('without a normalize stage', async () => {
    expect(await range()).toEqual([
      [
        'the images are numbers from 0 to 255, and the generator draws numbers from -1 to 1 (its last activation is tanh)',
        'let a normalize stage with range: [-1, 1] come before it',
      ],
    ]);
  });

  it.each([
    ['{ use: normalize, params: { range: [0, 1] } }', '0 to 1'],
    ['{ use: normalize, params: { mean: [0.5, 0.5, 0.4], std: 0.2 } }', '-2.5 to 3'],
  ])('with %s', async (normalize, numbers) => {
    const [[message] = []] = (await range(normalize)) as readonly string[][];
    expect(message).toContain(`the images are numbers from ${numbers}, `);
  });

  it.each([
    '{ use: normalize }',
    '{ use: normalize, params: { mean: 0.5, std: 0.5 } }',
    '{ use: normalize, params: { mean: auto, std: auto } }',
  ])('and not with %s', async normalize => {
    expect(await range(normalize)).toEqual([]);
  });
});
