import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import type { StageEvent } from '../../src/core/events.ts';
import { Interrupted, Paused } from '../../src/core/failure.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import fit from '../../src/stages/fit.ts';
import { contents } from '../rig/contents.ts';
import { runStage, temporaryFolder } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyDataset } from '../rig/tiny-dataset.ts';

let tensorflow: TensorFlow;
let dataset: DatasetArtifact;
let validation: DatasetArtifact;
let tested: DatasetArtifact;
beforeAll(async () => {
  // The native library goes on in tests/cli/fit-resume.test.ts, in processes of its own.
  tensorflow = await testTensorFlow('javascript');
  [dataset, validation, tested] = await Promise.all([tinyDataset(), tinyDataset(13), tinyDataset(10)]);
});

/** A point of the metrics, as in metrics.jsonl. */
interface Point {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

interface Trained {
  readonly dir: string;
  readonly points: readonly Point[];
  readonly predictor: { readonly iteration: number };
  readonly report: string | undefined;
  /** True unless it resumed and something was missing. */
  readonly isReproducible: boolean;
}

/** Everything that draws random numbers or has a memory. */
const network = {
  layers: [
    { use: 'flatten' },
    { use: 'dense', units: 8, activation: 'relu' },
    { use: 'batchNormalization' },
    { use: 'dropout', rate: 0.2 },
    { use: 'dense', units: 'classes' },
  ],
};
const everything = {
  network,
  batchSize: 8,
  epochs: 6,
  learningRate: 0.02,
  augment: ['flip', 'translation'],
  mixup: 0.4,
  classWeights: 'balanced',
  labelSmoothing: 0.1,
  balanced: true,
  checkpoint: { every: 4, keep: 1, keepEvery: 0 },
};

interface Options {
  readonly parts?: { readonly validation?: DatasetArtifact; readonly test?: DatasetArtifact };
  /** What an earlier try left. */
  readonly from?: { readonly dir: string; readonly points: readonly Point[] };
  readonly onEvent?: (event: StageEvent) => void;
  readonly signal?: AbortSignal;
  readonly outputDir?: string;
  readonly pauseAt?: number;
}

async function run(
  params: object,
  { parts, from, onEvent, signal, outputDir, pauseAt }: Options = {},
): Promise<Trained> {
  const points: Point[] = [];
  let isReproducible = from === undefined;
  const { outputs, context } = await runStage(fit, { ...everything, ...params } as object, {
    inputs: { dataset, validation: parts?.validation, test: parts?.test },
    tensorflow: () => Promise.resolve(tensorflow),
    ...((from?.dir ?? outputDir) !== undefined && { outputDir: from?.dir ?? (outputDir as string) }),
    ...(signal && { signal }),
    ...(pauseAt !== undefined && { pauseAt }),
    ...(from && {
      resume: {
        keepMetrics: keep => points.push(...from.points.filter(({ step }) => keep(step))),
        markReproducible: () => void (isReproducible = true),
      },
    }),
    onEvent: event => {
      if (event.type === 'metric') points.push(pointOf(event));
      onEvent?.(event);
    },
  });
  const { dir, iteration } = outputs.predictor;
  return { dir, points, predictor: { iteration }, report: context.reports.at(-1), isReproducible };
}

function pointOf({ step, values }: Extract<StageEvent, { type: 'metric' }>): Point {
  const others = Object.entries(values).filter(([name]) => name !== 'examples_per_second');
  return { step, values: Object.fromEntries(others) };
}

/** What is compared: bytes of all files, points, the best iteration, the closing words. */
const outcome = async ({ dir, points, predictor, report }: Trained) => ({
  files: await contents(dir),
  points,
  predictor,
  report,
});

const both = () => ({ validation, test: tested });

/** Trains until the event that `isTime` is true of, and leaves the folder as a kill at that moment would. */
async function killedAt(
  params: object,
  isTime: (event: StageEvent, count: number) => boolean,
): Promise<Trained> {
  const outputDir = await temporaryFolder();
  const points: Point[] = [];
  let count = 0;
  class Kill extends Error {}
  const killed = run(params, {
    parts: both(),
    outputDir,
    onEvent: event => {
      if (event.type === 'metric') points.push(pointOf(event));
      if (isTime(event, ++count)) throw new Kill();
    },
  });
  await expect(killed).rejects.toThrow(Kill);
  return { dir: outputDir, points, predictor: { iteration: 0 }, report: undefined, isReproducible: false };
}

/** Stops as Ctrl-C does, after an iteration. */
async function interruptedAt(params: object, iteration: number): Promise<Trained> {
  const controller = new AbortController();
  const outputDir = await temporaryFolder();
  const points: Point[] = [];
  const stopped = run(params, {
    parts: both(),
    outputDir,
    signal: controller.signal,
    onEvent: event => {
      if (event.type !== 'metric') return;
      points.push(pointOf(event));
      if (event.step === iteration) controller.abort();
    },
  });
  await expect(stopped).rejects.toThrow(Interrupted);
  return { dir: outputDir, points, predictor: { iteration: 0 }, report: undefined, isReproducible: false };
}

/** Pauses after an iteration. @param from What an earlier try left */
async function pausedAt(params: object, pauseAt: number, from?: Trained): Promise<Trained> {
  const dir = from?.dir ?? (await temporaryFolder());
  const points: Point[] = [...(from?.points ?? [])];
  const onEvent = (event: StageEvent) => {
    if (event.type === 'metric') points.push(pointOf(event));
  };
  const going = run(params, { parts: both(), outputDir: dir, ...(from && { from }), pauseAt, onEvent });
  await expect(going).rejects.toThrow(Paused);
  return { dir, points, predictor: { iteration: 0 }, report: undefined, isReproducible: false };
}

describe('resumed training of a classifier equals training without a stop', () => {
  const stopping = { earlyStopping: { patience: 2 }, monitor: 'val_loss', epochs: 12 };

  test('killed at any event: between a validation and its checkpoint, at the end, and while results are written', async () => {
    let events = 0;
    const whole = await run(stopping, { parts: both(), onEvent: () => void events++ });
    expect(whole.report).toContain('stopped early');
    for (let at = 1; at <= events; at += 5) {
      const before = await killedAt(stopping, (_, count) => count === at);
      const resumed = await run(stopping, { parts: both(), from: before });
      expect(await outcome(resumed), `killed at event ${at} of ${events}`).toEqual(await outcome(whole));
      expect(resumed.isReproducible, `killed at event ${at} of ${events}`).toBe(true);
    }
  });

  test.each([1, 3, 7, 9, 11])('interrupted at iteration %d', async iteration => {
    const whole = await run(stopping, { parts: both() });
    const before = await interruptedAt(stopping, iteration);
    const resumed = await run(stopping, { parts: both(), from: before });
    expect(await outcome(resumed)).toEqual(await outcome(whole));
    expect(resumed.isReproducible).toBe(true);
  });

  test('paused between two validations, and at one, which is measured first', async () => {
    const whole = await run(stopping, { parts: both() });
    const first = await pausedAt(stopping, 5);
    const second = await pausedAt(stopping, 6, first);
    expect(second.points.at(-1)).toEqual(whole.points.find(({ step }) => step === 6));
    expect(second.points.at(-1)?.values).toHaveProperty('val_loss');
    const resumed = await run(stopping, { parts: both(), from: second });
    expect(await outcome(resumed)).toEqual(await outcome(whole));
    expect(resumed.isReproducible).toBe(true);
  });

  test('where it stops early nothing pauses', async () => {
    const whole = await run(stopping, { parts: both() });
    const end = whole.points.at(-1)?.step as number;
    const pausing = await run(stopping, { parts: both(), pauseAt: end });
    expect(await outcome(pausing)).toEqual(await outcome(whole));
  });
});

describe('training that is lengthened', () => {
  test.each<[string, object, object, { test?: true; validation?: true }, boolean]>([
    ['3 epochs to 6', { epochs: 3 }, { epochs: 6 }, { validation: true }, true],
    ['3 epochs to 6, without validation', { epochs: 3 }, { epochs: 6 }, {}, true],
    ['7 iterations to 18', { iterations: 7 }, { iterations: 18 }, { validation: true }, false],
    ['7 iterations to 9', { iterations: 7 }, { iterations: 9 }, { validation: true }, false],
    ['7 iterations to 8', { iterations: 7 }, { iterations: 8 }, { validation: true, test: true }, false],
    [
      '3 epochs to 6, with a test part',
      { epochs: 3 },
      { epochs: 6 },
      { validation: true, test: true },
      false,
    ],
    ['6 epochs to 3', { epochs: 6 }, { epochs: 3 }, { validation: true, test: true }, true],
    [
      '6 epochs to 8 iterations',
      { epochs: 6, checkpoint: { every: 4, keep: 9 } },
      { iterations: 8 },
      { validation: true, test: true },
      true,
    ],
    [
      '6 epochs to 9 iterations, of few checkpoints',
      { epochs: 6, checkpoint: { every: 4, keep: 9 } },
      { iterations: 9 },
      { validation: true },
      true,
    ],
  ])(
    '%s ends with the same weights and choice as training so long from the beginning',
    async (_, first, then, has, isEqual) => {
      const parts = { ...(has.validation && { validation }), ...(has.test && { test: tested }) };
      const params = { monitor: 'val_loss', ...(has.validation ? {} : { monitor: undefined }) };
      const clean = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
      const before = await run({ ...clean, ...first }, { parts });
      const further = await run({ ...clean, ...first, ...then }, { parts, from: before });
      const whole = await run({ ...clean, ...first, ...then }, { parts });
      expect(further.predictor).toEqual(whole.predictor);
      expect(further.points.at(-1)).toEqual(whole.points.at(-1));
      expect(further.isReproducible).toBe(isEqual);
      if (isEqual) expect(await outcome(further)).toEqual(await outcome(whole));
      else {
        const weights = (dir: string) => readFile(join(dir, 'network', 'weights.bin'));
        expect(await weights(further.dir)).toEqual(await weights(whole.dir));
      }
    },
  );

  test('after it stopped early there is nothing left to train', async () => {
    const stopping = { earlyStopping: { patience: 1 }, monitor: 'val_loss', epochs: 12 };
    const before = await run(stopping, { parts: both() });
    expect(before.report).toContain('stopped early');
    const further = await run({ ...stopping, epochs: 20 }, { parts: both(), from: before });
    expect(await outcome(further)).toEqual(
      await outcome(await run({ ...stopping, epochs: 20 }, { parts: both() })),
    );
    expect(further.isReproducible).toBe(true);
  });
});

test('without the checkpoint of the best iteration so far training resumes before it', async () => {
  const params = { monitor: 'val_accuracy', learningRate: 0.001 };
  const whole = await run(params, { parts: both() });
  const before = await interruptedAt(params, 17);
  const best = whole.predictor.iteration;
  expect(best).toBeLessThan(16);
  const state = join(before.dir, 'checkpoints', `iteration-${String(best).padStart(6, '0')}`, 'state.bin');
  await truncate(state, 100);
  const resumed = await run(params, { parts: both(), from: before });
  expect(await outcome(resumed)).toEqual(await outcome(whole));
});
