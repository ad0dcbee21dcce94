import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import type * as Tf from '@tensorflow/tfjs';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { Random } from '../../src/core/random.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { loadGenerator } from '../../src/models/generator.ts';
import train from '../../src/stages/train.ts';
import { expectClose } from '../rig/networks.ts';
import { openSavedModel } from '../rig/saved-model.ts';
import { runStage, temporaryFolder, type StageContextOptions } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

const tensorflow = await testTensorFlow();
const native = describe.skipIf(tensorflow.kind === 'javascript');
let dataset: DatasetArtifact;
beforeAll(async () => {
  dataset = await tinyDataset();
});

type Inputs = { dataset: DatasetArtifact; reference: undefined; model: ReturnType<typeof tinyModel> };
const run = (params: object, options: Partial<StageContextOptions<Inputs>> = {}) =>
  runStage(
    train,
    { batchSize: 8, iterations: 3, savedModel: true, ...params },
    {
      inputs: { dataset, reference: undefined, model: tinyModel(true) },
      tensorflow: () => Promise.resolve(tensorflow),
      ...options,
    },
  );

type Model = Awaited<ReturnType<typeof run>>['outputs']['model'];

/** Three images of class 1 that the layers model draws, of the noise of a seed. */
async function drawn(backend: TensorFlow, model: Model): Promise<Float32Array> {
  const generator = await loadGenerator(backend.tf, model);
  const images = await generator.generate(new Random(1).normals(3 * 5), model.conditional ? 1 : undefined);
  generator.dispose();
  return images;
}

native('a generator that is saved as a SavedModel as well', () => {
  test('is published, and draws what the layers model draws', async () => {
    const { outputs, context } = await run({});
    const { dir, savedModel = '' } = outputs.model;
    const published = context.events.flatMap(event => (event.type === 'publish' ? [event.path] : []));
    expect(published.slice(-3)).toEqual(['generator', 'discriminator', savedModel]);
    expect(await readdir(join(dir, savedModel))).toEqual(['saved_model.pb']);
    const saved = await openSavedModel(tensorflow, join(dir, savedModel));
    const { tf } = tensorflow;
    const images = tf.tidy(() => {
      const noise = tf.tensor2d(new Random(1).normals(3 * 5), [3, 5]);
      const made = saved.predict({ noise, labels: tf.fill([3], 1, 'int32') });
      return (made['images'] as Tf.Tensor).dataSync() as Float32Array;
    });
    saved.dispose();
    expectClose(images, await drawn(tensorflow, outputs.model));
  });

  test('can be had of a training that has ended, without another iteration', async () => {
    const outputDir = await temporaryFolder();
    const first = await run({ savedModel: false }, { outputDir });
    expect(first.outputs.model).not.toHaveProperty('savedModel');
    const resume = { keepMetrics: () => 3, markReproducible: () => {} };
    const { outputs, context } = await run({}, { outputDir, resume });
    expect(context.events.filter(({ type }) => type === 'metric')).toEqual([]);
    expect(await readdir(join(outputDir, outputs.model.savedModel ?? ''))).toEqual(['saved_model.pb']);
  });
});

// The peers' environment: sh bench/peers/setup.sh
const python = fileURLToPath(new URL('../../bench/peers/.venv/bin/python', import.meta.url));

const script = `
import json, sys
import tensorflow as tf
for folder, noise, labels in json.load(sys.stdin):
    draw = tf.saved_model.load(folder).signatures["serving_default"]
    inputs = {"noise": tf.constant(noise, tf.float32)}
    if labels:
        inputs["labels"] = tf.constant(labels)
    images = draw(**inputs)["images"]
    print(json.dumps([draw.structured_outputs["images"].shape.as_list(), images.numpy().ravel().tolist()]))
`;

describe.skipIf(tensorflow.kind === 'javascript' || !existsSync(python))('Python’s TensorFlow', () => {
  test('opens it and draws the same images, conditional or not', async () => {
    const models = await Promise.all(
      [true, false].map(async conditional => {
        const { outputs } = await run(
          {},
          { inputs: { dataset, reference: undefined, model: tinyModel(conditional) } },
        );
        return outputs.model;
      }),
    );
    const values = [...new Random(1).normals(3 * 5)];
    const noise = [0, 1, 2].map(image => values.slice(5 * image, 5 * image + 5));
    const input = models.map(({ dir, savedModel = '', conditional }) => [
      join(dir, savedModel),
      noise,
      conditional ? [1, 1, 1] : null,
    ]);
    const env = { TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1' };
    const { stdout } = await execa(python, ['-c', script], { input: JSON.stringify(input), env });
    for (const [index, line] of stdout.trim().split('\n').entries()) {
      const [shape, images] = JSON.parse(line) as [unknown, number[]];
      expect(shape).toEqual([null, 8, 8, 3]);
      expectClose(Float32Array.from(images), await drawn(tensorflow, models[index] as Model));
    }
  }, 120_000);
});
