import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import type { MetricEvent } from '../../src/core/events.ts';
import { Failure, Interrupted } from '../../src/core/failure.ts';
import { Random } from '../../src/core/random.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { withDataset } from '../../src/data/dataset.ts';
import { seenPictures } from '../../src/data/seen-pictures.ts';
import { loadGenerator } from '../../src/models/generator.ts';
import { SCORE_NAMES } from '../../src/scores/catalogue.ts';
import train from '../../src/stages/train.ts';
import { runStage, temporaryFolder, type StageContextOptions } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
let dataset: DatasetArtifact;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
  dataset = await tinyDataset();
});

type Inputs = { dataset: DatasetArtifact; reference: undefined; model: ReturnType<typeof tinyModel> };
const run = (
  params: Parameters<typeof runStage<typeof train.params, typeof train.inputs, typeof train.outputs>>[1],
  options: Partial<StageContextOptions<Inputs>> = {},
) =>
  runStage(
    train,
    { batchSize: 8, ...params },
    {
      inputs: { dataset, reference: undefined, model: tinyModel(true) },
      tensorflow: () => Promise.resolve(tensorflow),
      ...options,
    },
  );

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

describe('training', () => {
  test('tells every iteration, and keeps samples, frames, checkpoints and both models', async () => {
    const { outputs, context } = await run({ epochs: 2, sample: { every: 2 } });

    const metrics = context.events.filter((event): event is MetricEvent => event.type === 'metric');
    expect(metrics.map(({ step, epoch }) => [step, epoch])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 2],
      [6, 2],
    ]);
    const scores: readonly string[] = SCORE_NAMES;
    const always = Object.keys(train.metrics ?? {}).filter(
      name => !/class|penalty/.test(name) && !scores.includes(name),
    );
    expect(Object.keys(metrics[5]?.values ?? {}).sort()).toEqual(always.sort());
    const progress = context.events.findLast(event => event.type === 'progress');
    expect(progress).toMatchObject({ done: 6, total: 6, unit: 'iterations' });
    expect(progress?.text).toMatch(
      /^\d+ s left · \d+ images\/s · D \d\.\d{3} · G \d\.\d{3} · accuracy \d+% · epoch 2\/2$/,
    );

    const published = context.events.flatMap(event => (event.type === 'publish' ? [event.path] : []));
    expect(published).toEqual([
      ...['000000', '000002', '000004', '000006'].map(number => `samples/sample-${number}.png`),
      'generator',
      'discriminator',
    ]);
    expect(outputs.frames.frames.map(({ iteration, epoch }) => [iteration, epoch])).toEqual([
      [0, 1],
      [2, 1],
      [4, 2],
      [6, 2],
    ]);
    expect(await readdir(join(context.outputDir, 'checkpoints'))).toEqual([
      'iteration-000004',
      'iteration-000006',
    ]);
    expect(outputs.model).toMatchObject({
      conditional: true,
      latentDim: 5,
      imageShape: [8, 8, 3],
      iterations: 6,
    });
    expect(context.reports).toEqual(['6 iterations, 2.0 epochs']);
  });

  test('the saved models open with stock TensorFlow.js and draw images of the data’s size', async () => {
    const { outputs } = await run({ iterations: 2 });
    const { tf } = tensorflow;
    const before = tf.memory().numTensors;
    const generator = await loadGenerator(tf, outputs.model);
    const images = await generator.generate(new Random(1).normals(3 * 5), 1);
    expect(images).toHaveLength(3 * 192);
    expect(images.every(value => value >= -1 && value <= 1)).toBe(true);
    generator.dispose();
    expect(tf.memory().numTensors).toBe(before);
    if (tensorflow.kind === 'javascript') return;
    // As a user of tfjs-node opens it: by its file:// address.
    const stock = await tf.loadLayersModel(
      pathToFileURL(join(outputs.model.dir, 'discriminator', 'model.json')).href,
    );
    const judged = stock.predict([tf.zeros([1, 8, 8, 3]), tf.zeros([1, 3])]) as Tf.Tensor;
    expect(judged.shape).toEqual([1, 1]);
    expect(judged.dataSync()[0]).toBeGreaterThan(0);
    expect(judged.dataSync()[0]).toBeLessThan(1);
    stock.dispose();
  });

  test('a description beside the generator says all that drawing with it takes', async () => {
    const { outputs } = await run({ iterations: 2, ema: 0.9 });
    const { dir, classes } = outputs.model;
    const text = await readFile(join(dir, 'generator', 'generator.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({
      description:
        'tiny-cgan: noise [B, 5] and one-hot classes [B, 3] to images [B, 8, 8, 3], all float32. A byte of a pixel is value × inverse.scale + inverse.offset by channel, rounded, within 0 … 255; the transform leads back.',
      model: 'tiny-cgan',
      iteration: 2,
      inputs: [
        { name: 'noise', shape: [5], distribution: { kind: 'normal', mean: 0, deviation: 1 } },
        { name: 'class', shape: [3], encoding: 'one-hot' },
      ],
      latentDim: 5,
      conditional: true,
      classes,
      imageShape: [8, 8, 3],
      range: [-1, 1],
      transform: outputs.model.transform,
      inverse: { scale: [127.5, 127.5, 127.5], offset: [127.5, 127.5, 127.5] },
    });
    expect(await readFile(join(dir, 'generator-last', 'generator.json'), 'utf8')).toBe(text);
    expect(await readdir(join(dir, 'discriminator'))).not.toContain('generator.json');
  });

  test('the description of an unconditional generator has noise alone', async () => {
    const { outputs } = await run(
      { iterations: 1 },
      { inputs: { dataset, reference: undefined, model: tinyModel(false) } },
    );
    const text = await readFile(join(outputs.model.dir, 'generator', 'generator.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      description: expect.stringMatching(/^tiny-gan: noise \[B, 5\] to images/) as string,
      inputs: [{ name: 'noise', shape: [5] }],
      conditional: false,
    });
  });

  test('the pictures that it was trained on can be told apart from others', async () => {
    const { outputs } = await run({ iterations: 1 });
    expect(outputs.model.trainedOn).toEqual({ file: 'trained-on.bin', count: 22 });
    const seen = (pictures: DatasetArtifact) =>
      withDataset(pictures, opened => seenPictures(outputs.model, opened));
    expect(await seen(dataset)).toEqual(Uint32Array.from({ length: 22 }, (_, index) => index));
    // The random pictures of the first ten are the same.
    expect(await seen(await tinyDataset(10))).toHaveLength(10);
    expect(await seen(await tinyDataset(40))).toHaveLength(22);
  });

  test('one seed gives the same weights to the last bit, another gives others', async () => {
    const hashes = await Promise.all(
      [1, 1, 2].map(async seed => {
        const { outputs } = await run({ iterations: 4 }, { seed });
        return sha256(join(outputs.model.dir, 'generator', 'weights.bin'));
      }),
    );
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  test('an unconditional model trains on data of a single class', async () => {
    const single = await tinyDataset(8, ['a']);
    const { outputs } = await run(
      { iterations: 2 },
      { inputs: { dataset: single, reference: undefined, model: tinyModel(false, ['a']) } },
    );
    expect(outputs.model.conditional).toBe(false);
  });

  test('points of the metrics come every logEvery iterations, and at the end', async () => {
    const { context } = await run({ iterations: 5, logEvery: 2 });
    const steps = context.events.flatMap(event => (event.type === 'metric' ? [event.step] : []));
    expect(steps).toEqual([2, 4, 5]);
  });

  // The signal comes from a handler that the event loop runs, between two iterations; or, from an event, within one.
  test.each([
    ['between two iterations', (abort: () => void) => void setImmediate(abort)],
    ['within an iteration', (abort: () => void) => abort()],
  ])('Ctrl-C %s finishes the iteration, saves it, and says where', async (_when, call) => {
    const controller = new AbortController();
    const folder = await temporaryFolder();
    const stopped = run(
      { iterations: 50 },
      {
        signal: controller.signal,
        outputDir: folder,
        onEvent: event => {
          if (event.type === 'metric' && event.step === 3) call(() => controller.abort());
        },
      },
    );
    await expect(stopped).rejects.toThrow(Interrupted);
    await expect(stopped).rejects.toThrow(
      /training stopped after iteration 3 of 50; the last checkpoint is .*iteration-000003$/,
    );
    expect(await readdir(join(folder, 'checkpoints'))).toEqual(['iteration-000003']);
    expect((await readdir(folder)).filter(name => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a loss that is not a number stops the stage, with the iteration and the last good checkpoint', async () => {
    const failure = await run({ iterations: 20, learningRate: 1e30, sample: { every: 1 } }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).message).toMatch(
      /^Training diverged: \w+ is (NaN|-?Infinity) at iteration \d+\.$/,
    );
    expect((failure as Failure).details.join('\n')).toMatch(
      /last good checkpoint is .*iteration-\d{6}|no checkpoint yet/,
    );
    expect((failure as Failure).hint).toContain('smaller learning rate');
  });

  test('pictures of one image twice in a row stop the stage', async () => {
    // Each sigmoid flattens differences to a quarter at most: after a dozen, every noise gives the same grey.
    const model = tinyModel(false);
    const flat = Array.from({ length: 12 }, () => ({ use: 'activation', activation: 'sigmoid' }));
    const generator = { layers: [...model.generator.layers, ...flat] };
    const warnings: string[] = [];
    const failure = await run(
      { iterations: 10, sample: { every: 2 } },
      {
        id: 'gan',
        inputs: { dataset, reference: undefined, model: { ...model, generator } },
        onEvent: event => void (event.type === 'log' && warnings.push(event.text)),
      },
    ).catch((error: unknown) => error);
    expect(warnings).toEqual([
      'at iteration 2 the generator draws the same image whatever its noise: training ends if it still does at the next pictures',
    ]);
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).message).toBe(
      'Training collapsed: at iterations 2 and 4 the generator draws the same image whatever its noise.',
    );
    expect((failure as Failure).hint).toBe(
      'Try a smaller learning rate, or another seed: --set gan.learningRate=0.0001, --set seed=2',
    );
  });
});
