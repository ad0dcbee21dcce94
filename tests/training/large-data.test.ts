import { beforeAll, expect, test } from 'vitest';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { trainGan, type Losses } from '../../src/training/train-gan.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
});

test('training on data that does not fit into memory gives the same to the last bit', async () => {
  const dataset = await tinyDataset();
  const adam = { learningRate: 1e-3, beta1: 0.5, beta2: 0.999, epsilon: 1e-7 };
  const trained = async (memory: number) => {
    const losses: Losses[] = [];
    const options = {
      seed: 3,
      iterations: 7,
      batchSize: 8,
      shuffle: true,
      sampleEvery: 100,
      settings: { generator: adam, discriminator: adam, fakes: 'inference' as const },
      signal: new AbortController().signal,
      data: { memory },
    };
    const { state } = await trainGan(tensorflow, tinyModel(true), dataset, options, {
      iteration: (_iteration, _epoch, _images, values) => void losses.push(values),
      moment: () => Promise.resolve(),
    });
    return { losses, state };
  };
  expect(await trained(0)).toEqual(await trained(1e9));
});
