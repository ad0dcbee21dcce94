import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { DatasetArtifact } from '../../src/core/artifacts.ts';
import { Interrupted } from '../../src/core/failure.ts';
import { withExamples } from '../../src/data/dataset.ts';
import { DatasetWriter } from '../../src/data/dataset-writer.ts';
import split from '../../src/stages/split-dataset.ts';
import { failureOf } from '../data/rig.ts';
import { runStage, temporaryFolder, type StageContextOptions } from '../rig/stage-context.ts';

type Params = Static<(typeof split)['params']>;

const TRANSFORM = { scale: [0.5, 2], offset: [1, 0] };

/** Pictures of one pixel with two channels, which tell the number of the picture. */
async function pictures(labels: readonly number[], classes: readonly string[]): Promise<DatasetArtifact> {
  const writer = await DatasetWriter.create(await temporaryFolder(), { height: 1, width: 1, channels: 2 });
  const bytes = Uint8Array.from(labels.flatMap((_, index) => [index >> 8, index & 255]));
  await writer.append(bytes, Uint8Array.from(labels));
  const written = await writer.finish({ classes, source: 'test' });
  await writer.close();
  return { ...written, transform: TRANSFORM };
}

/** Rows of two numbers, of which the first one is the number of the row, with a target. */
async function table(count: number): Promise<DatasetArtifact> {
  const writer = await DatasetWriter.create(await temporaryFolder(), { shape: [2] });
  const rows = Float32Array.from({ length: 2 * count }, (_, at) => (at % 2 === 0 ? at / 2 : 0.25));
  await writer.append(
    rows,
    Float32Array.from({ length: count }, (_, index) => index / 8),
  );
  const about = { source: 'test', features: ['number', 'quarter'], targets: ['eighth'] };
  const written = await writer.finish(about);
  await writer.close();
  return { ...written, transform: TRANSFORM };
}

/** So many of each class, one after the other in turn. */
const labelsOf = (...counts: readonly number[]): number[] =>
  counts.flatMap((count, label) => Array.from({ length: count }, () => label));

async function run(
  params: Partial<Params>,
  dataset: DatasetArtifact,
  options: Partial<StageContextOptions<unknown>> = {},
) {
  const { outputs, context } = await runStage(split, params, { ...options, inputs: { dataset } });
  const warnings = context.events.flatMap(event =>
    event.type === 'log' && event.level === 'warning' ? [event.text] : [],
  );
  return { ...outputs, reports: context.reports, warnings };
}

/** The numbers of the pictures of a part, and their labels. */
const contentOf = (part: DatasetArtifact | undefined) =>
  part === undefined
    ? Promise.resolve({ numbers: [], labels: [] })
    : withExamples(part, examples => {
        const all = examples.batch([...examples.labels.keys()]);
        const numbers = [...examples.labels.keys()].map(
          index => 256 * (all[2 * index] as number) + (all[2 * index + 1] as number),
        );
        return Promise.resolve({ numbers, labels: [...examples.labels] });
      });

const countsOf = (labels: readonly number[], classes: number) =>
  Array.from({ length: classes }, (_, label) => labels.filter(each => each === label).length);

const ten = ['a', 'b', 'c'];

describe('split-dataset', () => {
  it('takes a tenth for validation by default, and makes no test part', async () => {
    const dataset = await pictures(labelsOf(50, 30, 20), ten);
    const { dataset: training, validation, test, reports } = await run({}, dataset);
    expect(test).toBeUndefined();
    expect(reports).toEqual(['90 for training, 10 for validation']);
    const parts = await Promise.all([contentOf(training), contentOf(validation)]);
    expect(parts.map(({ labels }) => countsOf(labels, 3))).toEqual([
      [45, 27, 18],
      [5, 3, 2],
    ]);
    expect(parts.flatMap(({ numbers }) => numbers).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    );
  });

  it('hands on classes, transform and source; a part is a folder of its own, with its examples in their order', async () => {
    const dataset = await pictures(labelsOf(50, 30, 20), ten);
    const { validation, test } = await run({ validation: 10, test: 20 }, dataset);
    expect(validation).toMatchObject({ count: 10, classes: ten, transform: TRANSFORM, source: 'test' });
    expect(test?.dir).not.toBe(validation?.dir);
    const { numbers } = await contentOf(test);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(numbers).toHaveLength(20);
  });

  it('keeps pictures and their labels together', async () => {
    const labels = [2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 1, 1];
    const parts = await run({ validation: 3, test: 3 }, await pictures(labels, ten));
    for (const part of [parts.dataset, parts.validation, parts.test]) {
      const content = await contentOf(part);
      expect(content.labels).toEqual(content.numbers.map(number => labels[number]));
    }
  });

  it('draws the same parts for the same seed, others for another, and those of a seed of its own', async () => {
    const dataset = await pictures(labelsOf(60, 60), ['a', 'b']);
    const drawn = async (params: Partial<Params>, seed: number) =>
      (await contentOf((await run(params, dataset, { seed })).validation)).numbers;
    const one = await drawn({}, 1);
    expect(await drawn({}, 1)).toEqual(one);
    expect(await drawn({}, 2)).not.toEqual(one);
    expect(await drawn({ seed: 5 }, 1)).toEqual(await drawn({ seed: 5 }, 2));
  });

  it('draws the test part whatever the size of the validation part is', async () => {
    const dataset = await pictures(labelsOf(60, 60), ['a', 'b']);
    const [one, other] = await Promise.all([
      run({ validation: 'none', test: 12 }, dataset),
      run({ validation: 0.25, test: 12 }, dataset),
    ]);
    expect(await contentOf(one.test)).toEqual(await contentOf(other.test));
    expect(one.validation).toBeUndefined();
  });

  it('takes the examples in their order without shuffle', async () => {
    const dataset = await pictures(labelsOf(4, 4), ['a', 'b']);
    const parts = await run({ validation: 2, test: 2, shuffle: false }, dataset);
    expect((await contentOf(parts.dataset)).numbers).toEqual([0, 1, 4, 5]);
    expect((await contentOf(parts.validation)).numbers).toEqual([2, 6]);
    expect((await contentOf(parts.test)).numbers).toEqual([3, 7]);
    const plain = await run({ validation: 3, shuffle: false, stratify: false }, dataset);
    expect((await contentOf(plain.validation)).numbers).toEqual([5, 6, 7]);
  });

  it('divides numbers and targets, which have no classes', async () => {
    const dataset = await table(40);
    const parts = await run({ validation: 0.2 }, dataset);
    expect(parts.validation).toMatchObject({
      shape: [2],
      features: ['number', 'quarter'],
      targets: { names: ['eighth'] },
      count: 8,
      transform: TRANSFORM,
    });
    const rows = await Promise.all(
      [parts.dataset, parts.validation as DatasetArtifact].map(part =>
        withExamples(part, examples => {
          const all = examples.batch([...examples.labels.keys()]);
          return Promise.resolve(
            [...(examples.targets ?? [])].map((target, index) => [
              all[2 * index],
              all[2 * index + 1],
              target,
            ]),
          );
        }),
      ),
    );
    expect(rows.flat().toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual(
      Array.from({ length: 40 }, (_, index) => [index, 0.25, index / 8]),
    );
  });

  it('writes what an artifact says: sizes and a hash of its content', async () => {
    const { validation } = await run({}, await pictures(labelsOf(50, 30, 20), ten));
    const artifact = validation as DatasetArtifact;
    const bytes = await readFile(join(artifact.dir, artifact.images));
    expect(bytes).toHaveLength(20);
    expect(artifact.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('names classes that are not in every part', async () => {
    const { warnings } = await run({ test: 0.1 }, await pictures(labelsOf(96, 3, 1), ['dog', 'cat', 'frog']));
    expect(warnings).toEqual([
      'the validation part has none of the classes with few examples: cat, frog',
      'the test part has none of the classes with few examples: frog',
    ]);
  });

  it('stops between two pieces', async () => {
    const dataset = await pictures(labelsOf(6), ['a']);
    await expect(run({}, dataset, { signal: AbortSignal.abort() })).rejects.toThrow(Interrupted);
  });

  it.each([
    [{ validation: 0.1 }, 4, 'split-dataset.validation: 0.1 of 4 examples is less than one'],
    [
      { validation: 0.5 },
      1,
      'split-dataset.validation: of 1 example 1 are taken, which leaves none for training',
    ],
    [
      { validation: 2, test: 5000 },
      4,
      'split-dataset.test: of 4 examples 5,002 are taken, which leaves none for training',
    ],
  ])('%o of %i examples is refused', async (params, count, message) => {
    const failure = await failureOf(run(params, await pictures(labelsOf(count), ['a'])));
    expect(failure).toMatchObject({ message, exitCode: 2 });
  });
});

describe('the parameters of split-dataset', () => {
  const defaults: Params = { validation: 0.1, test: 'none', stratify: true, shuffle: true };
  const check = (params: Partial<Params>) =>
    (split.check?.({ ...defaults, ...params }) ?? []).map(({ path, message }) => [path[0], message]);

  it('are shares below 1, or numbers of examples from 2 on', () => {
    expect(check({ validation: 0.5, test: 0.25 })).toEqual([]);
    expect(check({ validation: 0.999, test: 2 })).toEqual([]);
    expect(check({ validation: 0 })).toEqual([['validation', 'a part of nothing']]);
    expect(check({ test: 1 })).toEqual([
      ['test', '1 is neither a share that leaves something nor a part of use'],
    ]);
    expect(check({ test: 2.5 })).toEqual([['test', '2.5 is neither a share nor a number of examples']]);
  });

  it('leave something to train on, and split something', () => {
    expect(check({ validation: 0.5, test: 0.5 })).toEqual([
      ['test', 'validation and test take 0.5 + 0.5 of the examples, which leaves none for training'],
    ]);
    expect(check({ validation: 'none' })).toEqual([
      ['validation', 'validation and test are both none: there is nothing to split'],
    ]);
  });

  const outline = (params: Partial<Params>, count?: number) =>
    split.outline?.(
      { ...defaults, ...params },
      { dataset: { height: 8, width: 8, channels: 3, classes: ten, range: [0, 255], count } },
    );

  it('tell how many examples each part has, and what else is known of it', () => {
    const outputs = outline({ test: 5 }, 100)?.outputs;
    expect(outputs?.dataset).toMatchObject({ count: 85, height: 8, classes: ten, range: [0, 255] });
    expect([outputs?.validation?.count, outputs?.test?.count]).toEqual([10, 5]);
    expect(outline({})?.outputs?.dataset).toMatchObject({ height: 8, classes: ten });
  });

  it('are refused before anything runs where that many examples are known not to be there', () => {
    expect(outline({ validation: 200 }, 100)?.problems).toEqual([
      {
        path: ['validation'],
        code: 'wrong-part',
        message: 'validation: of 100 examples 200 are taken, which leaves none for training',
        hint: 'take smaller parts, or load more examples',
      },
    ]);
  });
});
