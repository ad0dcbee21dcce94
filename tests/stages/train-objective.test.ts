import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import train from '../../src/stages/train.ts';
import type { GanParams } from '../../src/training/gan/params.ts';
import { runStage } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
let dataset: DatasetArtifact;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
  dataset = await tinyDataset();
});

const problems = (params: object) => train.check?.(Value.Default(train.params, params) as GanParams) ?? [];

const trained = async (params: object) => {
  const { context } = await runStage(
    train,
    { batchSize: 4, ...params },
    {
      inputs: { dataset, reference: undefined, model: tinyModel(true) },
      tensorflow: () => Promise.resolve(tensorflow),
    },
  );
  return context.events.flatMap(event => (event.type === 'metric' ? [event] : []));
};

describe('what the networks minimise', () => {
  test.each(['hinge', 'lsgan', 'wgan-gp'])('%s trains', async loss => {
    const [first, second] = await trained({ iterations: 2, loss });
    expect(first?.values['d_loss']).toBeTypeOf('number');
    expect(second?.values).not.toEqual(first?.values);
  });

  test('label smoothing is refused with a loss that has no targets to smooth', () => {
    expect(problems({ labelSmoothing: 0.1 })).toEqual([]);
    expect(problems({ labelSmoothing: 0.1, loss: 'hinge' })).toEqual([
      {
        path: ['labelSmoothing'],
        code: 'no-label-smoothing',
        message: 'label smoothing changes the targets of bce, and the loss is hinge',
        hint: 'leave out labelSmoothing, or set loss: bce',
      },
    ]);
  });
});

test('an epoch has fewer iterations with more discriminator steps: each takes images of its own', async () => {
  expect(dataset.count).toBe(22);
  expect((await trained({ epochs: 1 })).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  const steps = await trained({ epochs: 1, discriminatorSteps: 4, discriminatorUpdate: 'joint' });
  expect(steps.map(({ step, epoch }) => [step, epoch])).toEqual([
    [1, 1],
    [2, 1],
  ]);
});

test('with an average, samples and the saved generator are made with it, and the last weights are saved beside it', async () => {
  const run = (params: object) =>
    runStage(
      train,
      { batchSize: 8, iterations: 3, ...params },
      {
        inputs: { dataset, reference: undefined, model: tinyModel(true) },
        tensorflow: () => Promise.resolve(tensorflow),
      },
    );
  const [plain, averaged] = [await run({}), await run({ ema: 0.5 })];
  const bytes = ({ outputs }: typeof plain, folder: string) =>
    readFile(join(outputs.model.dir, folder, 'weights.bin'));
  expect(plain.outputs.model.lastGenerator).toBeUndefined();
  expect(averaged.outputs.model).toMatchObject({ generator: 'generator', lastGenerator: 'generator-last' });
  // The average changes no training.
  expect(await bytes(averaged, 'generator-last')).toEqual(await bytes(plain, 'generator'));
  expect(await bytes(averaged, 'generator')).not.toEqual(await bytes(plain, 'generator'));
  const sample = ({ outputs }: typeof plain) =>
    readFile(join(outputs.model.dir, 'samples', 'sample-000003.png'));
  expect(await sample(averaged)).not.toEqual(await sample(plain));
  const published = averaged.context.events.flatMap(event => (event.type === 'publish' ? [event.path] : []));
  expect(published.slice(-3)).toEqual(['generator', 'discriminator', 'generator-last']);
});

test('a penalty every few iterations has points at those alone', async () => {
  const points = await trained({
    iterations: 5,
    loss: 'wgan-gp',
    discriminatorUpdate: 'joint',
    gradientPenalty: { kind: 'wgan-gp', weight: 10, every: 2 },
    augment: ['translation'],
  });
  expect(points.flatMap(({ step, values }) => ('d_penalty' in values ? [step] : []))).toEqual([1, 3, 5]);
});

test('separate updates with the Wasserstein loss are warned of', () => {
  expect(problems({ loss: 'wgan-gp', discriminatorUpdate: 'joint' })).toEqual([]);
  expect(problems({ loss: 'wgan-gp' })).toMatchObject([
    {
      path: ['loss'],
      code: 'separate-wasserstein',
      severity: 'warning',
      hint: 'set discriminatorUpdate: joint',
    },
  ]);
});
