import { beforeAll, expect, test } from 'vitest';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { openDataset } from '../../../src/data/dataset.ts';
import { bindGan } from '../../../src/models/gan.ts';
import { bce } from '../../../src/training/gan/losses.ts';
import { ganTask } from '../../../src/training/gan/task.ts';
import type { GanMetric } from '../../../src/training/gan/watch.ts';
import { trainLoop } from '../../../src/training/loop.ts';
import { adam } from '../../../src/training/optimizers/adam.ts';
import { constant } from '../../../src/training/schedules.ts';
import type { Metrics } from '../../../src/training/task.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { tinyDataset } from '../../rig/tiny-dataset.ts';
import { tinyModel } from '../../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
});

test('training on data that does not fit into memory gives the same to the last bit', async () => {
  const artifact = await tinyDataset();
  const optimizer = adam({ beta1: 0.5 });
  const model = tinyModel(true);
  const trained = async (memory: number) => {
    const metrics: Metrics<GanMetric>[] = [];
    const dataset = await openDataset(artifact, { memory });
    const task = ganTask(tensorflow, model, bindGan(model), dataset, {
      seed: 3,
      batchSize: 8,
      shuffle: true,
      learningRate: { generator: constant(1e-3), discriminator: constant(1e-3) },
      settings: { loss: bce, generator: optimizer, discriminator: optimizer, fakes: 'inference' },
      frameLabels: undefined,
      remedy: '',
    });
    const { state } = await trainLoop(tensorflow, task, {
      until: 7,
      every: 100,
      seed: 3,
      signal: new AbortController().signal,
      observer: {
        iteration: (_iteration, values) => void metrics.push(values),
        state: () => Promise.resolve(),
      },
    });
    await dataset.close();
    return { metrics, state };
  };
  expect(await trained(0)).toEqual(await trained(1e9));
});
