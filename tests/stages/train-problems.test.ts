import { describe, expect, test } from 'vitest';
import { loadPlan } from '../../src/plan/load-plan.ts';
import train from '../../src/stages/train.ts';
import { brief } from '../config/rig.ts';
import { makeProject } from '../rig/pipe.ts';
import { runStage } from '../rig/stage-context.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

const net = (normalization: string) => `latent: 4
generator:
  layers:
    - { use: dense, units: height * width * channels, activation: tanh }
    - { use: reshape, targetShape: [height, width, channels] }
discriminator:
  layers:
    - { use: conv2d, filters: 4, kernelSize: 3, strides: 2 }
    - { use: ${normalization} }
    - { use: flatten }
    - { use: dense, units: 1 }
`;

/** What is found before anything runs with parameters on line 7, of 100 images: 13 iterations an epoch. */
async function found(params: string, normalization = 'batchNormalization') {
  const project = await makeProject({
    'p.yaml': `name: x
stages:
  - { use: load-cifar, params: { source: synthetic, count: 100 } }
  - { use: normalize }
  - { use: build-model, params: { model: net.yaml } }
  - use: train
    params: { ${params} }
`,
    'net.yaml': net(normalization),
  });
  const result = await loadPlan('p.yaml', { cwd: project.dir, env: {} });
  const problems = result.ok ? result.plan.pipeline.warnings : result.problems;
  return {
    runs: result.ok,
    said: problems.map(
      problem => `${brief(problem)}${problem.hint === undefined ? '' : ` → ${problem.hint}`}`,
    ),
  };
}

describe('before anything runs', () => {
  test('nothing is said of what fits', async () => {
    expect(await found('batchSize: 8, epochs: 2, schedule: { kind: cosine, warmUp: 5 }')).toEqual({
      runs: true,
      said: [],
    });
    expect(await found('batchSize: 100')).toEqual({ runs: true, said: [] });
    expect(await found('loss: wgan-gp, discriminatorUpdate: joint', 'leakyReLU')).toMatchObject({ said: [] });
  });

  test.each([
    [
      'evaluate: { every: 5 }',
      'p.yaml:7:15 [evaluate] there are no held-out pictures to score against → put a score-reference stage before this one, with held-out pictures as its dataset',
    ],
    [
      'classWeight: 0.5',
      'p.yaml:7:28 [0.5] classWeight is 0.5, and the discriminator has no class-head: there is no class loss to weigh → leave out classWeight, or put { use: class-head } into the discriminator',
    ],
    [
      'batchSize: 101',
      'p.yaml:7:26 [101] batchSize is 101, and there are 100 images → set batchSize to 100 or less, or take more data',
    ],
    [
      'batchSize: 32, discriminatorSteps: 5',
      'p.yaml:7:50 [5] an iteration has 5 discriminator steps with 32 images each, and there are 100 images → set discriminatorSteps to 3 or less, or a smaller batchSize',
    ],
    [
      'batchSize: 8, epochs: 1, schedule: { kind: linear, warmUp: 13 }',
      'p.yaml:7:74 [13] the learning rate rises for 13 iterations, and is to have fallen by iteration 13 → give warmUp fewer than 13 iterations',
    ],
  ])('%s is refused at its place', async (params, said) => {
    expect(await found(params)).toEqual({ runs: false, said: [said] });
  });

  test.each([
    [
      'iterations: 10, schedule: { kind: constant, warmUp: 11 }',
      'p.yaml:7:67 [11] the learning rate rises for 11 iterations, and training ends at iteration 10 → give warmUp fewer iterations, or train longer',
    ],
    [
      'iterations: 10, schedule: { kind: linear, iterations: 40 }',
      'p.yaml:7:69 [40] the learning rate falls until iteration 40, and training ends at iteration 10, with 0.78 of it left → leave it out for a schedule that ends with training',
    ],
    [
      'batchSize: 8, epochs: 2, schedule: { kind: steps, at: [20, 26, 30] }',
      'p.yaml:7:65 [at] the learning rate is to fall after iteration 26, 30, and training ends at iteration 26 → name earlier iterations, or train longer',
    ],
    [
      'loss: wgan-gp, discriminatorUpdate: joint',
      'p.yaml:7:21 [wgan-gp] wgan-gp penalises the gradient of each image, and the discriminator’s batch normalisation makes it depend on the others of its batch → leave batchNormalization out of the discriminator, or use layerNormalization (Gulrajani et al. 2017, section 4)',
    ],
  ])('%s is warned of at its place', async (params, said) => {
    expect(await found(params)).toEqual({ runs: true, said: [said] });
  });
});

test('a batch larger than data that is known late is refused as well, before TensorFlow is loaded', async () => {
  const inputs = { dataset: await tinyDataset(), reference: undefined, model: tinyModel(true) };
  await expect(runStage(train, { batchSize: 23 }, { inputs })).rejects.toMatchObject({
    code: 'batch-larger-than-data',
    message: 'batchSize is 23, and there are 22 images',
    exitCode: 2,
  });
});

test('augmentations that do nothing to images so small are refused, before TensorFlow is loaded', async () => {
  const inputs = {
    dataset: { ...(await tinyDataset()), height: 3, width: 3 },
    reference: undefined,
    model: { ...tinyModel(true), imageShape: [3, 3, 3] as const },
  };
  await expect(
    runStage(train, { batchSize: 2, augment: ['flip', 'translation'] }, { inputs }),
  ).rejects.toMatchObject({
    code: 'augment-tiny-images',
    message: 'translation moves images by up to an eighth of their size, which is no pixel of 3×3',
    hint: 'leave translation out of augment, or take larger images',
    exitCode: 2,
  });
});
