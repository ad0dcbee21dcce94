import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { SYNTHETIC_CLASSES } from '../../src/data/synthetic.ts';
import { identityTransform } from '../../src/data/transform.ts';
import buildModel from '../../src/stages/build-model.ts';
import { runStage } from '../rig/stage-context.ts';

const dataset = (size: number, channels = 3): DatasetArtifact => ({
  kind: 'dataset',
  dir: '/nowhere',
  images: 'images.u8',
  labels: 'labels.u8',
  count: 1,
  height: size,
  width: size,
  channels,
  classes: [...SYNTHETIC_CLASSES],
  source: 'test',
  sha256: '',
  transform: identityTransform(channels),
});

test('the built-in cGAN, with its summary as an artifact', async () => {
  const { outputs, context } = await runStage(
    buildModel,
    { model: 'cgan' },
    { inputs: { dataset: dataset(32) } },
  );
  expect(outputs.model).toMatchObject({
    model: 'cgan',
    conditional: true,
    latentDim: 100,
    imageShape: [32, 32, 3],
  });
  expect(context.reports).toEqual([
    'cgan: generator 1,133,187 weights, 116 M multiply-adds; discriminator 920,641 weights, 4.29 M multiply-adds',
  ]);
  expect(context.events).toContainEqual({ type: 'publish', path: 'summary.txt' });
  expect(await readFile(join(context.outputDir, 'summary.txt'), 'utf8')).toContain(
    'generator: 1,133,187 weights',
  );
});

test('the networks take the size and the channels of the data', async () => {
  const { outputs } = await runStage(buildModel, { model: 'dcgan' }, { inputs: { dataset: dataset(64, 1) } });
  expect(outputs.model.imageShape).toEqual([64, 64, 1]);
});

test('networks of one’s own', async () => {
  const model = {
    name: 'painter',
    latent: 4,
    generator: {
      layers: [
        { use: 'dense', units: 'height * width * channels' },
        { use: 'reshape', targetShape: ['height', 'width', 'channels'] },
      ],
    },
    discriminator: { layers: [{ use: 'flatten' }, { use: 'dense', units: 1 }] },
  };
  const { outputs } = await runStage(buildModel, { model }, { inputs: { dataset: dataset(4) } });
  expect(outputs.model).toMatchObject({ model: 'painter', conditional: false, latentDim: 4 });
});

test('networks of blocks: their layers are the model, and the summary shows them as a tree', async () => {
  const model = {
    latent: 4,
    blocks: {
      draw: {
        params: { filters: 8 },
        layers: [
          { use: 'residual', layers: [{ use: 'conv2d', filters: 'filters', kernelSize: 3 }] },
          { use: 'conv2d', filters: 'channels', kernelSize: 1 },
        ],
      },
    },
    generator: {
      layers: [
        { use: 'dense', units: 'height * width * 2' },
        { use: 'reshape', targetShape: ['height', 'width', 2] },
        { block: 'draw', filters: 2 },
      ],
    },
    discriminator: { layers: [{ use: 'flatten' }, { use: 'dense', units: 1 }] },
  };
  const { outputs, context } = await runStage(buildModel, { model }, { inputs: { dataset: dataset(4) } });
  expect(outputs.model.generator.layers[2]).toEqual({
    use: 'sequential',
    name: 'draw',
    layers: [
      { use: 'residual', layers: [{ use: 'conv2d', filters: 2, kernelSize: 3 }], shortcut: [] },
      { use: 'conv2d', filters: 'channels', kernelSize: 1 },
    ],
  });
  const summary = await readFile(join(context.outputDir, 'summary.txt'), 'utf8');
  expect(`\n${summary}`).toBe(`
generator: 207 weights, 0 of them not trained; 800 multiply-adds per image
layer           output        weights  mult-adds  parameters
input           [B, 4]
dense           [B, 32]           160        128
reshape         [B, 4, 4, 2]
draw            [B, 4, 4, 3]
├─ residual     [B, 4, 4, 2]
│  ├─ conv2d    [B, 4, 4, 2]       38        576  kernelSize 3
│  └─ shortcut  [B, 4, 4, 2]
└─ conv2d       [B, 4, 4, 3]        9         96  kernelSize 1

discriminator: 49 weights, 0 of them not trained; 48 multiply-adds per image
layer    output        weights  mult-adds  parameters
input    [B, 4, 4, 3]
flatten  [B, 48]
dense    [B, 1]             49         48

mult-adds: multiplications by kernels for one image, with the layers as written
`);
});

test('images that the built-in networks cannot draw are refused with the layer’s name', async () => {
  await expect(
    runStage(buildModel, { model: 'dcgan' }, { inputs: { dataset: dataset(30) } }),
  ).rejects.toThrow(
    'generator, layer 2 (reshape): `height / 4` is 7.5 for these images, and must be a whole number above 0',
  );
});
