import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { beforeAll, expect, test } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { resumeObstacle } from '../../src/core/stage-functions.ts';
import train from '../../src/stages/train.ts';
import { checkpointName } from '../../src/training/checkpoint.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

let dataset: DatasetArtifact;
let tensorflow: TensorFlow;
beforeAll(async () => {
  dataset = await tinyDataset();
  tensorflow = await testTensorFlow();
});

/** What keeps a training from resuming after the iterations that are done. There are 3 an epoch. */
async function obstacle(then: object, now: object, done = 6) {
  const outputDir = await temporaryFolder();
  await mkdir(join(outputDir, 'checkpoints', checkpointName(done)), { recursive: true });
  const filled = (params: object): unknown => Value.Default(train.params, { batchSize: 8, ...params });
  const called = { id: 'gan', stage: train, params: filled(now) };
  return resumeObstacle(called, { then: filled(then), inputs: { dataset }, outputDir });
}

const cosine = { kind: 'cosine' };

test.each<[string, object, object]>([
  ['of more iterations at a constant rate', { iterations: 6 }, { iterations: 12 }],
  [
    'that changes the rate later',
    { iterations: 6 },
    { iterations: 12, schedule: { kind: 'steps', at: [6] } },
  ],
  [
    'whose schedule had its end before',
    { iterations: 6, schedule: { ...cosine, iterations: 4 } },
    { iterations: 12, schedule: { ...cosine, iterations: 4 } },
  ],
  [
    'whose schedule is given the length that it had',
    { epochs: 2, schedule: cosine },
    { epochs: 4, schedule: { ...cosine, iterations: 6 } },
  ],
  ['of as many iterations as epochs', { epochs: 2, schedule: cosine }, { iterations: 6, schedule: cosine }],
  [
    'that falls to its end later, where it has not begun to fall',
    { iterations: 6, schedule: { kind: 'constant', warmUp: 6 } },
    { iterations: 20, schedule: { kind: 'linear', warmUp: 6 } },
  ],
])('a training %s extends another one', async (_, then, now) => {
  expect(await obstacle(then, now)).toBeUndefined();
});

test('a training whose schedule spans all of it does not, with how to keep the rate that it ended with', async () => {
  expect(await obstacle({ epochs: 2, schedule: cosine }, { epochs: 4, schedule: cosine })).toEqual({
    reason:
      'its schedule spans all of training, 6 iterations then and 12 now: its learning rate at iteration 2 was 0.0001866 and would be 0.0001966, and 6 iterations are done',
    hint: 'to train further at the rate that it ended with: --set gan.schedule.iterations=6',
  });
});

test('another rate at an iteration that is done is told to the digit in which it differs', async () => {
  const steps = (factor: number) => ({ iterations: 6, schedule: { kind: 'steps', at: [4], factor } });
  expect(await obstacle(steps(0.5), steps(0.500001))).toEqual({
    reason:
      'its learning rate at iteration 5 was 0.0001 and would be 0.0001000002, and 6 iterations are done',
  });
  expect(await obstacle(steps(0.5), steps(0.25), 4)).toBeUndefined();
});

test('the learning rate of each iteration is what the schedule says: at zero nothing is learnt', async () => {
  const trained = async (schedule: object | undefined, iterations: number) => {
    const { context } = await runStage(
      train,
      { batchSize: 8, iterations, ...(schedule && { schedule: schedule as never }) },
      {
        inputs: { dataset, reference: undefined, model: tinyModel(false) },
        tensorflow: () => Promise.resolve(tensorflow),
      },
    );
    const losses = context.events.flatMap(event =>
      event.type === 'metric' ? [event.values['d_loss_real']] : [],
    );
    return losses;
  };
  const constant = await trained(undefined, 6);
  const stopping = await trained({ kind: 'steps', at: [3], factor: 1e-30 }, 6);
  // The loss of an iteration is that of the weights before its update.
  expect(stopping.slice(0, 4)).toEqual(constant.slice(0, 4));
  expect(stopping.slice(4)).not.toEqual(constant.slice(4));
});
