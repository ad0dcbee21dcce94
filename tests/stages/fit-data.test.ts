import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import fit from '../../src/stages/fit.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';

let tensorflow: TensorFlow;
let dataset: DatasetArtifact;
beforeAll(async () => {
  tensorflow = await testTensorFlow('javascript');
  dataset = await tinyDataset();
});

const run = (
  params: object,
  inputs: { dataset?: DatasetArtifact; validation?: DatasetArtifact; test?: DatasetArtifact } = {},
  more: { signal?: AbortSignal; outputDir?: string } = {},
) =>
  runStage(fit, { network: 'mlp', batchSize: 8, epochs: 1, ...params } as object, {
    inputs: { dataset, validation: undefined, test: undefined, ...inputs },
    tensorflow: () => Promise.resolve(tensorflow),
    ...more,
  });

const warnings = async (...given: Parameters<typeof run>) =>
  (await run(...given)).context.events.flatMap(event =>
    event.type === 'log' && event.level === 'warning' ? [event.text] : [],
  );

/** The data set with labels of one's own. */
async function labelled(labels: (label: number) => number, count = 22): Promise<DatasetArtifact> {
  const { dir, ...artifact } = await tinyDataset(count);
  const folder = await temporaryFolder();
  await cp(dir, folder, { recursive: true });
  const path = join(folder, artifact.labels);
  await writeFile(path, (await readFile(path)).map(labels));
  return { ...artifact, dir: folder };
}

test('a class that is not trained on, and one that is not measured, are named', async () => {
  const lacking = await labelled(label => (label === 1 ? 0 : label));
  expect(await warnings({}, { dataset: lacking })).toEqual([
    'nothing to learn from: the training part has no examples of b',
  ]);
  const validation = await labelled(label => (label === 1 ? 0 : label), 12);
  expect((await warnings({}, { validation })).at(0)).toBe(
    'the validation part has no examples of b: macro F1 counts them as 0',
  );
  const alone = await labelled(() => 2, 12);
  expect((await warnings({}, { validation: alone })).at(0)).toBe(
    'the validation part has examples of c alone: its scores say little',
  );
});

test('pictures that are trained on and measured are counted', async () => {
  expect(await warnings({}, { validation: dataset })).toEqual([
    '22 of 22 validation pictures are among those that are trained on (the first: number 0): its scores are too good',
  ]);
});

test('training that diverges says at which iteration, what to do and which checkpoint is good', async () => {
  const diverged = run({ learningRate: 1e30, epochs: 4, optimizer: 'sgd', checkpoint: { every: 1 } });
  await expect(diverged).rejects.toMatchObject({
    code: 'training-diverged',
    message: expect.stringMatching(
      /^Training diverged: loss is (NaN|Infinity) at iteration \d+\.$/,
    ) as string,
    hint: 'Try a smaller learning rate, --set fit.learningRate=1e+29, or clip gradients: --set fit.clipNorm=1',
    details: [expect.stringMatching(/^(The last good checkpoint is|There is no checkpoint)/)],
  });
});

test('Ctrl-C in the first epoch leaves a checkpoint to resume from, and says so', async () => {
  const controller = new AbortController();
  const outputDir = await temporaryFolder();
  controller.abort();
  await expect(run({}, {}, { signal: controller.signal, outputDir })).rejects.toThrow(
    'training stopped after iteration 0 of 3; there is no checkpoint yet',
  );
});

test('how far a validation is can be seen, and the result is in the closing words', async () => {
  const validation = await tinyDataset(12);
  const { context } = await run({ validation: { batchSize: 5 } }, { validation });
  const texts = context.events.flatMap(event => (event.type === 'progress' ? [event.text] : []));
  const measuring = texts.filter(text => text?.startsWith('measuring'));
  expect(measuring.slice(0, 3)).toEqual([
    'measuring the validation part: 5/12',
    'measuring the validation part: 10/12',
    'measuring the validation part: 12/12',
  ]);
  expect(context.reports.at(-1)).toMatch(
    /^validation accuracy \d+\.\d%; best at iteration 3; 3 iterations, 1\.0 epochs$/,
  );
  const last = texts.filter(text => text?.startsWith('epoch')).at(-1);
  expect(last).toMatch(/^epoch 1\/1 · (val|loss) /);
});
