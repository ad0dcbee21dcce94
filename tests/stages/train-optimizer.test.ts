import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { Interrupted } from '../../src/core/failure.ts';
import { ignoredParameters } from '../../src/core/stage-functions.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import train from '../../src/stages/train.ts';
import { runStage, temporaryFolder, type StageContextOptions } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
let dataset: DatasetArtifact;
beforeAll(async () => {
  tensorflow = await testTensorFlow('javascript');
  dataset = await tinyDataset();
});

type Inputs = { dataset: DatasetArtifact; reference: undefined; model: ReturnType<typeof tinyModel> };
const run = (params: object, options: Partial<StageContextOptions<Inputs>> = {}) =>
  runStage(
    train,
    { batchSize: 8, iterations: 5, sample: { every: 2 }, ...params },
    {
      inputs: { dataset, reference: undefined, model: tinyModel(true) },
      tensorflow: () => Promise.resolve(tensorflow),
      ...options,
    },
  );

const checkpoint = async (dir: string, file: 'state.bin' | 'state.json', iteration = 5) =>
  readFile(join(dir, 'checkpoints', `iteration-00000${iteration}`, file));

/** Trains until an iteration, in a folder. */
async function interruptedAt(iteration: number, params: object): Promise<string> {
  const controller = new AbortController();
  const outputDir = await temporaryFolder();
  const stopped = run(params, {
    outputDir,
    signal: controller.signal,
    onEvent: event => {
      if (event.type === 'metric' && event.step === iteration) controller.abort();
    },
  });
  await expect(stopped).rejects.toThrow(Interrupted);
  return outputDir;
}

test.each<[string, object, readonly string[]]>([
  ['adamw', { optimizer: 'adamw', weightDecay: 0.1 }, ['m', 'v']],
  ['sgd', { optimizer: 'sgd' }, []],
  ['sgd with momentum', { optimizer: 'sgd', momentum: 0.9, nesterov: true }, ['velocity']],
  ['rmsprop with momentum', { optimizer: 'rmsprop', momentum: 0.5 }, ['meanSquare', 'velocity']],
  ['adam with clipped gradients', { clipNorm: 0.1 }, ['m', 'v']],
])('%s trains, and resumes to the same bits', async (_, params, slots) => {
  const { outputDir } = (await run(params)).context;
  const { entries } = JSON.parse((await checkpoint(outputDir, 'state.json')).toString()) as {
    entries: readonly { key: string }[];
  };
  const kernel = entries.filter(({ key }) => /^\w+\/discriminator\/dense\/kernel\//.test(key));
  expect(kernel.map(({ key }) => key.split('/').at(-1))).toEqual(slots);
  const resumed = await interruptedAt(3, params);
  await run(params, { outputDir: resumed, resume: { keepMetrics: () => 3, markReproducible: () => {} } });
  expect(await checkpoint(resumed, 'state.bin')).toEqual(await checkpoint(outputDir, 'state.bin'));
  expect(await checkpoint(outputDir, 'state.bin')).not.toEqual(
    await checkpoint((await run({})).context.outputDir, 'state.bin'),
  );
});

test.each<[object, readonly string[]]>([
  [{}, ['weightDecay', 'momentum', 'nesterov', 'rho']],
  [{ optimizer: 'adamw' }, ['momentum', 'nesterov', 'rho']],
  [{ optimizer: 'sgd', momentum: 0.5 }, ['beta1', 'beta2', 'epsilon', 'weightDecay', 'rho']],
  [{ optimizer: 'sgd' }, ['beta1', 'beta2', 'epsilon', 'weightDecay', 'rho', 'nesterov']],
  [{ optimizer: 'rmsprop' }, ['beta1', 'beta2', 'weightDecay', 'nesterov']],
])('of %o those settings have no effect that another optimizer has', (given, expected) => {
  const params = { optimizer: 'adam', momentum: 0, ...given };
  const ignored = ignoredParameters({ id: 'train', stage: train, params });
  expect(ignored.map(({ path }) => path.join('.'))).toEqual(expected);
});
