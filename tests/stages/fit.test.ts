import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { loadLayersModel } from '../../src/models/load-layers-model.ts';
import fit from '../../src/stages/fit.ts';
import { runStage } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';

let tensorflow: TensorFlow;
let dataset: DatasetArtifact;
beforeAll(async () => {
  tensorflow = await testTensorFlow('javascript');
  dataset = await tinyDataset();
});

const run = (params: object, parts: { validation?: DatasetArtifact; test?: DatasetArtifact } = {}) =>
  runStage(
    fit,
    { network: 'cnn', batchSize: 8, epochs: 3, ...params },
    {
      inputs: { dataset, validation: parts.validation, test: parts.test },
      tensorflow: () => Promise.resolve(tensorflow),
    },
  );

test('measures the validation part after each epoch, and the test part once, with the best weights', async () => {
  const validation = await tinyDataset(12);
  const { context, outputs } = await run({}, { validation, test: await tinyDataset(10) });
  const points = context.events.filter(event => event.type === 'metric');
  const measured = points.filter(({ values }) => 'val_accuracy' in values).map(({ step }) => step);
  expect(measured).toEqual([3, 6, 9]);
  expect(points.filter(({ values }) => 'test_accuracy' in values).map(({ step }) => step)).toEqual([9]);
  const accuracies = points.flatMap(({ values }) => values['val_accuracy'] ?? []);
  const best = measured[accuracies.indexOf(Math.max(...accuracies))];
  expect(outputs.predictor.iteration).toBe(best);
});

test('its model gives probabilities, with classes and transform beside it', async () => {
  const { outputs } = await run({ epochs: 1 });
  const { dir, network, classes, transform } = outputs.predictor;
  const description: unknown = JSON.parse(await readFile(join(dir, network, 'predictor.json'), 'utf8'));
  expect(description).toMatchObject({ shape: [8, 8, 3], images: true, classes, transform });
  const { tf } = tensorflow;
  const model = await loadLayersModel(tf, join(dir, network));
  const y = (model.predict(tf.zeros([2, 8, 8, 3])) as { arraySync(): number[][] }).arraySync();
  for (const row of y) expect(row.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5);
});
