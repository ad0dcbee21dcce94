import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import train from '../../src/stages/train.ts';
import { runStage } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow('javascript');
});

const classes = ['a', 'b', 'c', 'd'];

/** Trains on images of which those of the last classes are few; returns the losses on real images. */
async function trained(labels: readonly number[], balanced: boolean) {
  const dataset = await tinyDataset(labels.length, classes);
  await writeFile(join(dataset.dir, dataset.labels), Uint8Array.from(labels));
  const { context } = await runStage(
    train,
    { batchSize: 8, iterations: 4, balanced },
    {
      id: 'gan',
      inputs: { dataset, reference: undefined, model: tinyModel(true, classes) },
      tensorflow: () => Promise.resolve(tensorflow),
    },
  );
  return context.events.flatMap(event => (event.type === 'metric' ? [event.values['d_loss_real']] : []));
}

const rare = Array.from('0001120103'.repeat(2), Number);

test('batches are of other images where they are balanced', async () => {
  const losses = await trained(rare, true);
  expect(losses).toHaveLength(4);
  expect(losses).not.toEqual(await trained(rare, false));
});

test('a class without images is named', async () => {
  const failure = await trained(
    Array.from(rare, label => label % 2),
    true,
  ).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({
    code: 'class-without-images',
    message: 'balanced batches have images of every class, and there are none of c, d',
    hint: 'take data that has some, or leave it out: --set gan.balanced=false',
    exitCode: 2,
  });
});
