import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { DatasetArtifact } from '../../../src/core/artifacts.ts';
import { displayWidth } from '../../../src/core/align-columns.ts';
import { DatasetWriter } from '../../../src/data/dataset-writer.ts';
import { withExamples } from '../../../src/data/dataset.ts';
import { writeReport } from '../../../src/training/classifier/report.ts';
import { ClassEvaluation, type ClassificationScores } from '../../../src/training/classifier/scores.ts';
import { classLines, targetLines } from '../../../src/training/classifier/tables.ts';
import { TargetEvaluation } from '../../../src/training/classifier/target-scores.ts';
import { temporaryFolder } from '../../rig/stage-context.ts';
import { tinyDataset } from '../../rig/tiny-dataset.ts';

const classes = ['cat', 'dog', '=ship, large'];

/** Four examples of cat, cat, dog, dog; cat is recognised once, dog twice, the ship is never there. */
function scores(wrongest = 5): ClassificationScores {
  const evaluation = new ClassEvaluation({ classes: 3, k: 2, wrongest });
  const probabilities = [0.75, 0.25, 0, 0.125, 0.875, 0, 0.25, 0.5, 0.25, 0, 1, 0];
  evaluation.add(Uint8Array.of(0, 0, 1, 1), Float32Array.from(probabilities), 0);
  return evaluation.scores();
}

/** Examples of one number each, with labels or targets. */
async function numbersDataset(
  answers: Uint8Array | Float32Array,
  words: Partial<Parameters<DatasetWriter['finish']>[0]>,
): Promise<DatasetArtifact> {
  const writer = await DatasetWriter.create(await temporaryFolder(), { shape: [1] });
  const count = answers.length / (words.targets?.length ?? 1);
  await writer.append(new Float32Array(count), answers);
  const artifact = await writer.finish({ source: 'test', ...words });
  await writer.close();
  return artifact;
}

async function reported(
  given: Parameters<typeof writeReport>[1]['scores'],
  artifact: Promise<DatasetArtifact> | DatasetArtifact = tinyDataset(4, classes),
) {
  const dir = join(await temporaryFolder(), 'report');
  const files = await withExamples(await artifact, dataset =>
    writeReport(dir, { scores: given, dataset, part: 'test' }),
  );
  expect((await readdir(dir)).toSorted()).toEqual([...files].sort());
  const text = (name: string) => readFile(join(dir, name), 'utf8');
  return { dir, files, text, json: async (name: string) => JSON.parse(await text(name)) as unknown };
}

describe('the report of a classifier', () => {
  test('has the confusion matrix, the scores of the classes and the wrongest examples', async () => {
    const { files, json, text, dir } = await reported(scores());
    expect(files).toEqual([
      'confusion.png',
      'confusion.json',
      'classes.csv',
      'classes.md',
      'wrongest.json',
      'wrongest.png',
    ]);
    expect(await json('confusion.json')).toEqual({
      part: 'test',
      examples: 4,
      right: 3,
      classes,
      rows: 'labels',
      columns: 'predictions',
      matrix: [
        [1, 1, 0],
        [0, 2, 0],
        [0, 0, 0],
      ],
    });
    expect(await json('wrongest.json')).toEqual({
      part: 'test',
      mistakes: [{ index: 1, label: 'cat', predicted: 'dog', probability: 0.875 }],
    });
    expect(await text('classes.csv')).toBe(
      [
        'class,precision,recall,f1,support',
        'cat,1,0.5,0.6666666666666666,2',
        'dog,0.6666666666666666,1,0.8,2',
        `"'=ship, large",0,0,0,0`,
        'macro average,0.5555555555555555,0.5,0.48888888888888893,4',
        '',
      ].join('\r\n'),
    );
    expect(await text('classes.md')).toBe(`# Scores of the classes: test part, 4 examples

- loss 0.7651
- accuracy 75.00%
- top-2 accuracy 100.00%
- macro F1 0.489

| class | precision | recall | F1 | support |
| --- | ---: | ---: | ---: | ---: |
| cat | 1.000 | 0.500 | 0.667 | 2 |
| dog | 0.667 | 1.000 | 0.800 | 2 |
| =ship, large | 0.000 | 0.000 | 0.000 | 0 |
| **macro average** | 0.556 | 0.500 | 0.489 | 4 |
`);
    for (const picture of ['confusion.png', 'wrongest.png'])
      expect((await sharp(join(dir, picture)).metadata()).format).toBe('png');
  });

  test('is the same bytes each time', async () => {
    const [one, other] = [await reported(scores()), await reported(scores())];
    for (const file of one.files)
      expect(await readFile(join(one.dir, file))).toEqual(await readFile(join(other.dir, file)));
  });

  test('has no picture where nothing is wrong, and none where none are kept', async () => {
    const { files, json } = await reported(scores(0));
    expect(files).not.toContain('wrongest.png');
    expect(await json('wrongest.json')).toEqual({ part: 'test', mistakes: [] });
  });

  test('has no picture of examples that are no pictures', async () => {
    const { files } = await reported(scores(), numbersDataset(Uint8Array.of(0, 0, 1, 1), { classes }));
    expect(files).toEqual(['confusion.png', 'confusion.json', 'classes.csv', 'classes.md', 'wrongest.json']);
  });

  test('has the wrongest images as their bytes are', async () => {
    const artifact = await tinyDataset(4, classes);
    const { dir } = await reported(scores(), artifact);
    const bytes = await readFile(join(artifact.dir, artifact.images));
    const { data, info } = await sharp(join(dir, 'wrongest.png')).raw().toBuffer({ resolveWithObject: true });
    // Image 1 of 8×8×3, enlarged 20 times, 12 pixels from the corner.
    for (const [x, y] of [
      [0, 0],
      [7, 0],
      [3, 5],
    ] as const)
      for (let channel = 0; channel < 3; channel++)
        expect(data[((12 + y * 20 + 10) * info.width + 12 + x * 20 + 10) * 3 + channel]).toBe(
          bytes[192 + (y * 8 + x) * 3 + channel],
        );
  });
});

describe('the report of a regression', () => {
  const names = ['price', 'a|b'];
  const truth = Float32Array.of(1, 10, 2, 20, 3, 30);

  function errors(predicted: Float32Array) {
    const evaluation = new TargetEvaluation(2);
    evaluation.add(truth, predicted);
    return evaluation.scores();
  }

  test('has the errors of the targets', async () => {
    const scores = errors(Float32Array.of(1, 10, 2, 20, 3.5, 27));
    const { files, json, text } = await reported(scores, numbersDataset(truth, { targets: names }));
    expect(files).toEqual(['targets.json', 'targets.md']);
    const { count: examples, perTarget, ...means } = scores;
    expect(await json('targets.json')).toEqual({
      part: 'test',
      examples,
      ...means,
      targets: [
        { name: 'price', ...perTarget[0] },
        { name: 'a|b', ...perTarget[1] },
      ],
    });
    expect(await text('targets.md')).toBe(`# Errors of the targets: test part, 3 examples

| target | mean squared error | mean absolute error | R² |
| --- | ---: | ---: | ---: |
| price | 0.08333 | 0.1667 | 0.8750 |
| a\\|b | 3 | 1 | 0.9550 |
| **mean** | 1.542 | 0.5833 | 0.9150 |
`);
    expect(targetLines(scores, names)).toEqual([
      'target      MSE     MAE      R²',
      'price   0.08333  0.1667  0.8750',
      'a|b           3       1  0.9550',
      'mean      1.542  0.5833  0.9150',
    ]);
  });

  test('shows the targets predicted worst in a terminal, where there are many', () => {
    const evaluation = new TargetEvaluation(30);
    const many = Float32Array.from({ length: 90 }, (_, index) => index);
    evaluation.add(
      many,
      many.map((value, index) => value + (index % 30)),
    );
    const lines = targetLines(
      evaluation.scores(),
      Array.from({ length: 30 }, (_, index) => `target ${index}`),
    );
    expect(lines).toHaveLength(22);
    expect(lines[0]).toMatch(/^lowest 20 of 30 targets/);
    expect(lines[1]).toMatch(/^target 29 /);
  });
});

describe('the scores of classes in a terminal', () => {
  test('are a line each, and one of their means', () => {
    expect(classLines(scores(), classes)).toEqual([
      'class          precision  recall     F1  support',
      'cat                1.000   0.500  0.667        2',
      'dog                0.667   1.000  0.800        2',
      '=ship, large       0.000   0.000  0.000        0',
      'macro average      0.556   0.500  0.489        4',
    ]);
  });

  test('fit into 80 columns whatever the names are, and move no cursor', () => {
    const lines = classLines(scores(), ['x'.repeat(200), '猫'.repeat(100), 'a\u001b[2Jb']);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80);
    expect(lines[1]).toMatch(/^x{35}… +1\.000/);
    expect(lines[2]).toMatch(/^猫{17}… +0\.667/);
    expect(lines[3]).toMatch(/^a\\u001b\[2Jb /);
  });

  test('are those of the classes recognised worst, where there are many', () => {
    const evaluation = new ClassEvaluation({ classes: 30, k: 5, wrongest: 0 });
    const labels = Uint8Array.from({ length: 60 }, (_, index) => index % 30);
    // The second example of each class below 25 is taken for class 29.
    const predicted = labels.map((label, index) => (index >= 30 && label < 25 ? 29 : label));
    const probabilities = new Float32Array(60 * 30);
    predicted.forEach((label, index) => {
      probabilities[index * 30 + label] = 1;
    });
    evaluation.add(labels, probabilities, 0);
    const lines = classLines(
      evaluation.scores(),
      Array.from({ length: 30 }, (_, index) => `class ${index}`),
    );
    expect(lines).toHaveLength(22);
    expect(lines[0]).toMatch(/^lowest 20 of 30 classes/);
    expect(lines[1]).toMatch(/^class 29 /);
    expect(lines[2]).toMatch(/^class 0 /);
    expect(lines[21]).toMatch(/^macro average /);
  });
});
