import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ScoreReferenceArtifact } from '../../src/core/artifacts.ts';
import { Interrupted } from '../../src/core/failure.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { openDataset } from '../../src/data/dataset.ts';
import { writeSeenPictures } from '../../src/data/seen-pictures.ts';
import { SCORE_NAMES } from '../../src/scores/catalogue.ts';
import { heldOut } from '../../src/scores/open-reference.ts';
import drawDataset from '../../src/stages/draw-dataset.ts';
import { failureOf } from '../data/rig.ts';
import { evaluated, prepared, TONES, toneClassifier, tones } from '../rig/scored.ts';
import { runStage } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { trainedModel } from '../rig/tiny-generator.ts';

let tensorflow: TensorFlow;
let reference: ScoreReferenceArtifact;
let withTraining: ScoreReferenceArtifact;

beforeAll(async () => {
  tensorflow = await testTensorFlow();
  ({ reference } = await prepared(tensorflow));
  ({ reference: withTraining } = await prepared(tensorflow, { training: await tones(50, 2) }));
});

describe('scores of a generator', () => {
  test('every score has an interval around it and one protocol, and the step is the iteration of the weights', async () => {
    const { metric } = await evaluated(tensorflow, await trainedModel(TONES, { noise: 0.1 }), withTraining);
    expect(Object.keys(metric?.values ?? {}).sort()).toEqual([...SCORE_NAMES].sort());
    expect(Object.keys(metric?.intervals ?? {}).sort()).toEqual([...SCORE_NAMES].sort());
    for (const [name, [low, high]] of Object.entries(metric?.intervals ?? {})) {
      expect(low, name).toBeLessThanOrEqual(metric?.values[name] as number);
      expect(high, name).toBeGreaterThanOrEqual(metric?.values[name] as number);
    }
    expect(metric?.step).toBe(100);
    expect(metric?.protocol).toMatch(
      /^tiny@[0-9a-f]{8}\/120x120\/reference=[0-9a-f]{8}\/k=5\/kid=50x1000\/v1$/,
    );
  });

  test('a generator of the right classes is better than one that draws other ones, in every score that says so', async () => {
    const right = await evaluated(tensorflow, await trainedModel(TONES, { noise: 0.1 }), reference);
    const wrong = await evaluated(
      tensorflow,
      await trainedModel(TONES, { noise: 0.1, reversed: true }),
      reference,
    );
    const value = (of: typeof right, name: string) => of.metric?.values[name] as number;
    expect(value(right, 'label_accuracy')).toBe(1);
    // Grey stays grey.
    expect(value(wrong, 'label_accuracy')).toBeCloseTo(1 / 3);
    expect(value(right, 'class_fid')).toBeLessThan(value(wrong, 'class_fid') / 10);
    // As a whole the pictures are the same.
    expect(value(right, 'class_divergence')).toBeCloseTo(value(wrong, 'class_divergence'));
    expect(Math.abs(value(right, 'kid') - value(wrong, 'kid'))).toBeLessThan(0.1);
  });

  test('the same model and reference give the same files', async () => {
    const model = await trainedModel(TONES, { noise: 0.1 });
    const [one, other] = [
      await evaluated(tensorflow, model, withTraining),
      await evaluated(tensorflow, model, withTraining),
    ];
    expect(one.files).toEqual(['scores.json', 'scores.md', 'nearest.png']);
    for (const file of one.files)
      expect(await readFile(join(one.dir, file))).toEqual(await readFile(join(other.dir, file)));
  });

  test('the table has the scores beside their baselines, and the classes', async () => {
    const { dir, context } = await evaluated(
      tensorflow,
      await trainedModel(TONES, { noise: 0.1 }),
      withTraining,
    );
    const markdown = await readFile(join(dir, 'scores.md'), 'utf8');
    expect(markdown).toContain('# Scores: cgan, iteration 100');
    expect(markdown).toMatch(/\|\s+\|\s+generated \|\s+real \| class means \|\s+noise \|/);
    expect(markdown).toMatch(/\| KID ↓ \| \S+ ± \S+ \|/);
    expect(markdown).toMatch(/\| dark \| 33\.3% \| 33\.3% \| 100\.0% \| [\d.]+ \|/);
    const notice = context.events.flatMap(event =>
      event.type === 'log' && event.level === 'notice' ? event.text : [],
    );
    expect(
      notice
        .join('\n')
        .split('\n')
        .every(line => line.length <= 80),
    ).toBe(true);
    expect(context.reports.at(-1)).toMatch(/^120 pictures, KID /);
    expect(context.events.flatMap(event => (event.type === 'publish' ? event.path : []))).toEqual([
      'scores.json',
      'scores.md',
      'nearest.png',
    ]);
  });

  test('an unconditional generator has no scores of labels, and without training pictures none of copies', async () => {
    const { metric, files } = await evaluated(
      tensorflow,
      await trainedModel(TONES, { conditional: false, noise: 1 }),
      reference,
    );
    expect(Object.keys(metric?.values ?? {})).not.toEqual(expect.arrayContaining(['label_accuracy']));
    expect(Object.keys(metric?.values ?? {})).not.toContain('class_fid');
    expect(Object.keys(metric?.values ?? {})).not.toContain('copies');
    expect(files).toEqual(['scores.json', 'scores.md']);
  });
});

describe('what limits scores is said', () => {
  test('a generator that was trained on the held-out pictures, in the protocol as well', async () => {
    const model = await trainedModel(TONES, { noise: 0.1 });
    const dataset = await openDataset(heldOut(reference));
    const trainedOn = await writeSeenPictures(model.dir, dataset);
    await dataset.close();
    const { metric, warnings, dir } = await evaluated(tensorflow, { ...model, trainedOn }, reference);
    const words =
      'cgan was trained on 120 of the 120 pictures that it is compared with: its scores say little of new ones';
    expect(warnings).toEqual([words]);
    expect(metric?.protocol).toMatch(/\/seen-in-training$/);
    expect(await readFile(join(dir, 'scores.md'), 'utf8')).toContain(words);
  });

  test('a model of an earlier version, which does not tell what it was trained on', async () => {
    const { warnings } = await evaluated(tensorflow, await trainedModel(TONES, { noise: 0.1 }), reference);
    expect(warnings).toEqual([
      'it is not recorded which pictures cgan was trained on: held-out ones may be among them',
    ]);
  });

  test('a collapsed generator has numbers as scores, and is called one', async () => {
    const { metric, warnings } = await evaluated(
      tensorflow,
      await trainedModel(TONES, { conditional: false }),
      reference,
    );
    expect(Object.values(metric?.values ?? {}).every(Number.isFinite)).toBe(true);
    expect(metric?.values['recall']).toBe(0);
    expect(warnings).toContain('the generator has collapsed: of 120 pictures all of them alike');
  });
});

describe('what cannot be scored', () => {
  test.each([
    [
      'other classes',
      ['cat', 'dog', 'frog'],
      'the generator draws the classes cat, dog, frog, and the held-out pictures are of dark, grey, light',
    ],
  ])('%s', async (_, classes, message) => {
    const failure = await failureOf(evaluated(tensorflow, await trainedModel(classes), reference));
    expect(failure).toMatchObject({ message, exitCode: 2 });
  });

  test('pictures of another size', async () => {
    const model = { ...(await trainedModel(TONES)), imageShape: [8, 8, 3] as const };
    const failure = await failureOf(evaluated(tensorflow, model, reference));
    expect(failure.message).toBe(
      'the generator draws pictures of 8×8×3, and the held-out pictures are 4×4×3',
    );
  });

  test('features whose embedding is no longer the same', async () => {
    const { reference: own } = await prepared(tensorflow);
    const path = join(own.dir, 'embedding', 'weights.bin');
    const bytes = await readFile(path);
    await writeFile(path, Buffer.from(bytes).fill(1, 0, 4));
    expect(await failureOf(evaluated(tensorflow, await trainedModel(TONES), own))).toMatchObject({
      code: 'embedding-changed',
    });
  });

  test('features that were cut short', async () => {
    const { reference: own } = await prepared(tensorflow);
    await writeFile(join(own.dir, own.features), Buffer.alloc(8));
    const failure = await failureOf(evaluated(tensorflow, await trainedModel(TONES), own));
    expect(failure.message).toMatch(/features\.f32 holds 8 bytes; 5760 numbers need 23040/);
  });

  test('baselines that were cut short, or are gone', async () => {
    const { reference: own } = await prepared(tensorflow);
    const path = join(own.dir, own.baselines);
    await writeFile(path, '[{');
    expect(await failureOf(evaluated(tensorflow, await trainedModel(TONES), own))).toMatchObject({
      code: 'damaged-baselines',
      message: `${path} is not whole: it holds no JSON`,
    });
    await rm(path);
    const failure = await failureOf(evaluated(tensorflow, await trainedModel(TONES), own));
    expect(failure.message).toContain(`cannot read ${path}`);
  });

  test('a generator whose weights are no numbers, which would draw black pictures', async () => {
    const model = await trainedModel(TONES, { noise: NaN });
    expect(await failureOf(evaluated(tensorflow, model, reference))).toMatchObject({
      code: 'generator-not-finite',
      message:
        'the generator of cgan draws pixels that are no numbers: its weights became NaN or infinite in training',
    });
  });

  test('Ctrl-C ends it between two batches', async () => {
    const controller = new AbortController();
    const onEvent = () => {
      controller.abort();
    };
    const run = evaluated(tensorflow, await trainedModel(TONES), reference, {
      signal: controller.signal,
      onEvent,
    });
    await expect(run).rejects.toBeInstanceOf(Interrupted);
  });
});

describe('score-reference', () => {
  test('real pictures score better than class means, and these better than noise', async () => {
    const { reference: own } = await prepared(tensorflow, { training: await tones(50, 2) });
    const baselines = JSON.parse(await readFile(join(own.dir, own.baselines), 'utf8')) as {
      name: string;
      measured: { scores: Record<string, { value: number }> };
    }[];
    expect(baselines.map(({ name }) => name)).toEqual(['real', 'class means', 'noise']);
    const [real, means, noise] = baselines.map(({ measured }) => measured.scores);
    for (const name of ['kid', 'fid', 'fid_infinity', 'class_fid']) {
      expect(real?.[name]?.value, name).toBeLessThan(means?.[name]?.value as number);
      expect(means?.[name]?.value, name).toBeLessThan(noise?.[name]?.value as number);
    }
    expect(real?.['coverage']?.value).toBeGreaterThan(noise?.['coverage']?.value as number);
    // Half of the held-out pictures are nearer to a training picture than that is to another one.
    expect(real?.['copies']?.value).toBeGreaterThan(0.3);
    expect(real?.['copies']?.value).toBeLessThan(0.7);
  });

  test('without training pictures one half of the held-out ones is scored against the other', async () => {
    const { context } = await prepared(tensorflow);
    const markdown = await readFile(join(context.outputDir, 'baselines.md'), 'utf8');
    expect(markdown).toContain('- real: one half of the held-out pictures against the other, 60 each');
  });

  test('held-out pictures that are training pictures as well are told of', async () => {
    const { context } = await prepared(tensorflow, { training: await tones(40, 1) });
    const words =
      '120 of the 120 held-out pictures are training pictures: scores against them say little of new ones';
    expect(context.events).toContainEqual({ type: 'log', level: 'warning', text: words });
    expect(await readFile(join(context.outputDir, 'baselines.md'), 'utf8')).toContain(words);
  });

  test('a few pictures of many are drawn at random, with every class', async () => {
    const { reference: own } = await prepared(tensorflow, { params: { count: 60 } });
    expect(own.compared).toBe(60);
    const labels = await readFile(join(own.dir, own.labels));
    expect(new Set(labels)).toEqual(new Set([0, 1, 2]));
  });

  test('a classifier of other classes compares pictures, and does not judge labels', async () => {
    const { outputs } = await runStage(
      (await import('../../src/stages/score-reference.ts')).default,
      { count: 120 },
      {
        inputs: {
          dataset: await tones(40, 1),
          training: undefined,
          predictor: await toneClassifier(tensorflow, ['x', 'y', 'z']),
        },
        tensorflow: () => Promise.resolve(tensorflow),
      },
    );
    const { metric } = await evaluated(
      tensorflow,
      await trainedModel(TONES, { noise: 0.1 }),
      outputs.reference,
    );
    expect(metric?.values).toHaveProperty('kid');
    expect(metric?.values).not.toHaveProperty('label_accuracy');
  });
});

test('draw-dataset draws pictures with the labels asked for', async () => {
  const { outputs } = await runStage(
    drawDataset,
    { count: 7 },
    {
      inputs: { model: await trainedModel(TONES) },
      tensorflow: () => Promise.resolve(tensorflow),
    },
  );
  const dataset = await openDataset(outputs.dataset);
  expect([...dataset.labels]).toEqual([0, 0, 0, 1, 1, 2, 2]);
  const { images } = dataset.batch([0, 3, 6]);
  expect([images[0], images[48], images[96]]).toEqual([0, 128, 255]);
  await dataset.close();
  expect(outputs.dataset).toMatchObject({ classes: TONES, source: 'generated by cgan, iteration 100' });
});

test('the nearest training pictures are shown below the generated ones', async () => {
  const { dir } = await evaluated(tensorflow, await trainedModel(TONES, { noise: 0.1 }), withTraining);
  const { width, height } = await sharp(join(dir, 'nearest.png')).metadata();
  // Ten pictures of 96 pixels beside labels of nine letters, in two rows.
  expect(width).toBeGreaterThan(10 * 96);
  expect(height).toBeLessThan(3 * 96);
});
