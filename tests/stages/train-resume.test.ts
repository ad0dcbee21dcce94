import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { Interrupted, Paused } from '../../src/core/failure.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import train from '../../src/stages/train.ts';
import { contents } from '../rig/contents.ts';
import { runStage, temporaryFolder, type StageContextOptions } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';
import { tinyModel } from '../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
let dataset: DatasetArtifact;
beforeAll(async () => {
  // The native library goes on in tests/cli/resume.test.ts, in processes of its own.
  tensorflow = await testTensorFlow('javascript');
  dataset = await tinyDataset();
});

type Inputs = { dataset: DatasetArtifact; reference: undefined; model: ReturnType<typeof tinyModel> };
const params = { batchSize: 8, iterations: 9, sample: { every: 2 } };
const run = ({ params: more, ...options }: Partial<StageContextOptions<Inputs>> & { params?: object }) =>
  runStage(
    train,
    { ...params, ...more },
    {
      inputs: { dataset, reference: undefined, model: tinyModel(true) },
      tensorflow: () => Promise.resolve(tensorflow),
      ...options,
    },
  );

const resume = { keepMetrics: () => 0, markReproducible: () => {} };

/** Trains until an iteration, in a folder. */
async function interruptedAt(iteration: number, more = {}): Promise<string> {
  const controller = new AbortController();
  const outputDir = await temporaryFolder();
  const stopped = run({
    params: more,
    outputDir,
    signal: controller.signal,
    onEvent: event => {
      if (event.type === 'metric' && event.step === iteration) controller.abort();
    },
  });
  await expect(stopped).rejects.toThrow(Interrupted);
  return outputDir;
}

const checkpoints = async (dir: string) =>
  (await readdir(join(dir, 'checkpoints'))).map(name => Number(/^iteration-(\d+)$/.exec(name)?.[1]));

test('goes on from the last whole checkpoint, a damaged one being named, and leaves what a run without a stop does', async () => {
  const whole = await run({});
  const outputDir = await interruptedAt(7);
  expect(await checkpoints(outputDir)).toEqual([4, 6, 7]);
  await truncate(join(outputDir, 'checkpoints', 'iteration-000007', 'state.bin'), 100);

  let keep = (_step: number): boolean => false;
  const resume = {
    keepMetrics: (given: typeof keep) => {
      keep = given;
      return [1, 2, 3, 4, 5, 6, 7].filter(given).length;
    },
    markReproducible: () => {},
  };
  const { context, outputs } = await run({ outputDir, resume });

  const said = context.events.flatMap(event =>
    event.type === 'log' ? [`${event.level}: ${event.text}`] : [],
  );
  expect(said[0]).toMatch(
    /^warning: the checkpoint iteration-000007 has a state\.bin of 100 bytes instead of \d+$/,
  );
  expect(said[1]).toBe('notice: training goes on after iteration 6 of 9');
  const steps = context.events.flatMap(event => (event.type === 'metric' ? [event.step] : []));
  expect([...[1, 2, 3, 4, 5, 6, 7].filter(keep), ...steps]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(outputs.frames.frames).toEqual(whole.outputs.frames.frames);
  const published = ({ events }: typeof context) =>
    events.flatMap(event => (event.type === 'publish' ? [event.path] : []));
  expect(published(context)).toEqual(published(whole.context));
  expect(await contents(outputDir)).toEqual(await contents(whole.outputs.model.dir));
});

test('starts from its beginning when there is no checkpoint, and says so', async () => {
  const outputDir = await interruptedAt(1);
  await truncate(join(outputDir, 'checkpoints', 'iteration-000001', 'state.json'), 10);
  const { context } = await run({ outputDir, resume });
  expect(context.events.filter(({ type }) => type === 'log').at(-1)).toMatchObject({
    text: 'there is no checkpoint to resume from: training starts from its beginning',
  });
  expect(context.events.find(({ type }) => type === 'metric')).toMatchObject({ step: 1 });
});

test('has nothing left to do after the last iteration but to save the models', async () => {
  const { context: whole } = await run({});
  const { context } = await run({ outputDir: whole.outputDir, resume });
  expect(context.events.some(({ type }) => type === 'metric')).toBe(false);
  expect(await readdir(join(whole.outputDir, 'generator'))).toContain('weights.bin');
});

test('what is left in the end does not depend on where it was stopped: the checkpoints of stops go, those for good stay', async () => {
  const keeping = { sample: { every: 3 }, iterations: 17, checkpoint: { keep: 2, keepEvery: 5 } };
  const whole = await run({ params: keeping });
  expect(await checkpoints(whole.context.outputDir)).toEqual([6, 12, 15, 17]);
  const outputDir = await interruptedAt(16, keeping);
  expect(await checkpoints(outputDir)).toEqual([6, 12, 15, 16]);
  await run({ params: keeping, outputDir, resume });
  expect(await contents(outputDir)).toEqual(await contents(whole.context.outputDir));
});

test('paused at several iterations, it leaves what a run without a pause does', async () => {
  const whole = await run({});
  const outputDir = await temporaryFolder();
  const steps: number[] = [];
  const going = (more: { pauseAt?: number; resume?: typeof resume }) =>
    run({
      outputDir,
      ...more,
      onEvent: event => {
        if (event.type === 'metric') steps.push(event.step);
      },
    });
  await expect(going({ pauseAt: 2 })).rejects.toThrow(new Paused('iteration', 2, 9));
  expect(await checkpoints(outputDir)).toEqual([2]);
  await expect(going({ pauseAt: 7, resume })).rejects.toThrow('paused at iteration 7 of 9');
  expect(await checkpoints(outputDir)).toEqual([4, 6, 7]);
  const { outputs } = await going({ pauseAt: 7_000_000, resume });
  expect(outputs.frames.frames).toEqual(whole.outputs.frames.frames);
  expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await contents(outputDir)).toEqual(await contents(whole.outputs.model.dir));
});

test('says how many points of its metrics are gone', async () => {
  const outputDir = await interruptedAt(6);
  const keepMetrics = (keep: (step: number) => boolean) => [1, 2, 4, 6].filter(keep).length;
  const { context } = await run({
    outputDir,
    resume: { keepMetrics, markReproducible: () => expect.fail('it has gaps') },
  });
  expect(context.events.find(({ type }) => type === 'log')).toMatchObject({
    level: 'warning',
    text: 'the metrics lack 2 points up to iteration 6: its result is not kept for other runs',
  });
});

test.each<[string, object, boolean]>([
  ['more iterations', { iterations: 12 }, true],
  ['fewer iterations, of which there is a state', { iterations: 6 }, true],
  ['fewer iterations, of which there is none', { iterations: 5 }, true],
  ['fewer pictures', { sample: { every: 4 } }, true],
  ['more pictures', { sample: { every: 1 } }, false],
  ['more checkpoints', { checkpoint: { keep: 4 } }, false],
  ['more points', { logEvery: 1 }, false],
])('vouches for what it left only where nothing is missing: with %s', async (_, more, isComplete) => {
  const { context: whole } = await run({ params: { logEvery: 2 } });
  const steps = whole.events.flatMap(event => (event.type === 'metric' ? [event.step] : []));
  let vouched = false;
  const keepMetrics = (keep: (step: number) => boolean) => steps.filter(keep).length;
  const { context } = await run({
    params: { logEvery: 2, ...more },
    outputDir: whole.outputDir,
    resume: { keepMetrics, markReproducible: () => void (vouched = true) },
  });
  expect(vouched).toBe(isComplete);
  if (!isComplete) return;
  const anew = await run({ params: { logEvery: 2, ...more } });
  expect(await contents(context.outputDir)).toEqual(await contents(anew.context.outputDir));
});

test('a SavedModel, which the JavaScript backend cannot write, is refused before the first iteration', async () => {
  const outputDir = await temporaryFolder();
  const refused = run({ params: { savedModel: true }, outputDir });
  await expect(refused).rejects.toMatchObject({ code: 'saved-model-backend', hint: 'pipe setup' });
  expect(await readdir(outputDir)).toEqual([]);
});
