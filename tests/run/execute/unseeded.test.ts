/** What a stage draws without a seed is recorded, so that a difference between two runs can be explained. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { Random } from '../../../src/index.ts';
import { filesIn, planOf, run, type TestStage } from '../rig.ts';

async function drawnBy(draw: () => void) {
  const stage: TestStage['run'] = ({ outputDir }) => {
    draw();
    return { files: filesIn(outputDir) };
  };
  const { record } = await run(planOf([{ id: 'draw', run: stage }]));
  return record.stages[0]?.unseeded;
}

test('calls are counted by generator, with the line of the first', async () => {
  const draws = await drawnBy(() => {
    for (let call = 0; call < 250; call++) Math.random();
    randomUUID();
    randomBytes(4);
    globalThis.crypto.getRandomValues(new Uint8Array(2));
  });
  expect(draws).toMatchObject([
    { source: 'Math.random', calls: 250 },
    { source: 'crypto.randomUUID', calls: 1 },
    { source: 'crypto.randomBytes', calls: 1 },
    { source: 'crypto.getRandomValues', calls: 1 },
  ]);
  for (const { at } of draws ?? []) expect(at).toMatch(/unseeded\.test\.ts:\d+$/);
});

test('a stage that draws from its seed has none, nor have the names of temporary files', async () => {
  expect(await drawnBy(() => void new Random(7).integer(0, 9))).toBeUndefined();
});

test('afterwards the generators are what they were', async () => {
  const generators = () => [
    Object.getOwnPropertyDescriptor(Math, 'random'),
    Object.getOwnPropertyDescriptor(globalThis.crypto, 'randomUUID'),
    randomUUID,
  ];
  const before = generators();
  await drawnBy(() => void Math.random());
  expect(generators()).toEqual(before);
  expect(Math.random()).toBeLessThan(1);
});

test('operations of TensorFlow.js without a seed are named, those with one are not', async () => {
  const tf = await import('@tensorflow/tfjs');
  const draws = await drawnBy(() => {
    tf.randomNormal([2], 0, 1, 'float32', 5).dispose();
    tf.randomNormal([2]).dispose();
    tf.dropout(tf.ones([2]), 0.5).dispose();
    tf.layers.dense({ units: 1, inputShape: [1] }).apply(tf.input({ shape: [1] }));
  });
  expect(draws?.map(({ source }) => source)).toEqual(
    expect.arrayContaining(['tf randomNormal', 'tf dropout']),
  );
  for (const { at } of draws ?? []) expect(at).toMatch(/unseeded\.test\.ts:\d+$/);
});
