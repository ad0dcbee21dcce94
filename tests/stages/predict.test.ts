import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import type { DatasetArtifact, PredictorArtifact } from '../../src/core/artifacts.ts';
import { Interrupted } from '../../src/core/failure.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { DatasetWriter } from '../../src/data/dataset-writer.ts';
import predict from '../../src/stages/predict.ts';
import { failureOf } from '../data/rig.ts';
import { runStage, temporaryFolder, type StageContextOptions } from '../rig/stage-context.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyPredictor } from '../rig/tiny-predictor.ts';

const CLASSES = ['dark', 'light', 'a "b", c'];
/** Of a picture of two pixels: -1 … 1 from bytes. */
const TRANSFORM = { scale: [1 / 127.5], offset: [-1] };
const KERNEL = [
  [-2, 2, 0.5],
  [-1, 1, 0],
];
const BIAS = [0, 0, 0.25];
const PICTURES = [
  [0, 0],
  [255, 255],
  [100, 140],
  [0, 255],
  [37, 201],
];

async function pictures(
  labels: readonly number[],
  classes: readonly string[] = CLASSES,
  transform = TRANSFORM,
): Promise<DatasetArtifact> {
  const writer = await DatasetWriter.create(await temporaryFolder(), { height: 1, width: 2, channels: 1 });
  const bytes = labels.flatMap((_, index) => PICTURES[index % PICTURES.length] as number[]);
  await writer.append(Uint8Array.from(bytes), Uint8Array.from(labels));
  const written = await writer.finish({ classes, source: 'test' });
  await writer.close();
  return { ...written, transform };
}

/** Softmax of the dense layer, in double precision. */
function expected(picture: readonly number[]): number[] {
  const x = picture.map(byte => byte / 127.5 - 1);
  const logits = BIAS.map((bias, output) =>
    x.reduce((sum, value, at) => sum + value * ((KERNEL[at] as number[])[output] as number), bias),
  );
  const powers = logits.map(Math.exp);
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map(power => power / total);
}

interface Line {
  readonly index: number;
  readonly label?: string;
  readonly targets?: Readonly<Record<string, number>>;
  readonly predicted: string | Readonly<Record<string, number>>;
  readonly probability: number;
  readonly probabilities: Readonly<Record<string, number>>;
}

describe.each([undefined, 'javascript'] as const)('predict on the backend %s', backend => {
  let tensorflow: TensorFlow;
  let predictor: PredictorArtifact;

  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
    predictor = await tinyPredictor(tensorflow, {
      shape: [1, 2, 1],
      classes: CLASSES,
      transform: TRANSFORM,
      kernel: KERNEL,
      bias: BIAS,
    });
  });

  async function run(
    dataset: DatasetArtifact,
    {
      batchSize = 2,
      mirrored = false,
      with: by = predictor,
      ...options
    }: Partial<
      StageContextOptions<unknown> & {
        readonly batchSize: number;
        readonly mirrored: boolean;
        readonly with: PredictorArtifact;
      }
    > = {},
  ) {
    const { outputs, context } = await runStage(
      predict,
      { batchSize, mirrored },
      { ...options, inputs: { predictor: by, dataset }, tensorflow: () => Promise.resolve(tensorflow) },
    );
    const text = (name: string) => readFile(join(outputs.predictions.dir, name), 'utf8');
    const jsonl = await text('predictions.jsonl');
    const lines = jsonl
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Line);
    const said = context.events.flatMap(event =>
      event.type === 'log' ? [`${event.level}: ${event.text}`] : [],
    );
    return { csv: await text('predictions.csv'), jsonl, lines, said, context };
  }

  it('predicts the mean of a picture and its mirror image', async () => {
    const { lines } = await run(await pictures([0, 1, 2, 1, 0]), { mirrored: true });
    for (const [index, { probabilities }] of lines.entries()) {
      const picture = PICTURES[index] as number[];
      const [own, mirror] = [expected(picture), expected([...picture].reverse())];
      for (const [place, name] of CLASSES.entries())
        expect(probabilities[name]).toBeCloseTo(((own[place] as number) + (mirror[place] as number)) / 2, 6);
    }
  });

  it('writes the probability of each class of each example, beside its label', async () => {
    const { lines, context, said } = await run(await pictures([0, 1, 2, 1, 0]));
    expect(lines).toHaveLength(5);
    for (const [index, line] of lines.entries()) {
      const probabilities = expected(PICTURES[index] as number[]);
      expect(line).toMatchObject({ index, label: CLASSES[[0, 1, 2, 1, 0][index] as number] });
      expect(Object.keys(line.probabilities)).toEqual(CLASSES);
      for (const [place, name] of CLASSES.entries())
        expect(line.probabilities[name]).toBeCloseTo(probabilities[place] as number, 6);
      const best = probabilities.indexOf(Math.max(...probabilities));
      expect(line.predicted).toBe(CLASSES[best]);
      expect(line.probability).toBe(line.probabilities[line.predicted as string]);
    }
    expect(said).toEqual([]);
    expect(context.reports).toEqual(['5 predictions of 3 classes, 3 of 5 as labelled']);
    expect(context.events.filter(({ type }) => type === 'publish')).toEqual([
      { type: 'publish', path: 'predictions.csv' },
      { type: 'publish', path: 'predictions.jsonl' },
    ]);
  });

  it('writes the same as a table, with numbers that lead to the same float32', async () => {
    const { csv, lines } = await run(await pictures([0, 1]));
    const [header, first] = csv.split('\r\n');
    expect(header).toBe(
      'index,label,predicted,probability,probability_dark,probability_light,"probability_a ""b"", c"',
    );
    const { probabilities, probability } = lines[0] as Line;
    expect(first).toBe(['0', 'dark', 'dark', probability, ...Object.values(probabilities)].join(','));
    for (const text of (first ?? '').split(',').slice(3)) expect(text.length).toBeLessThan(14);
  });

  it('writes the same bytes again, whatever the size of a batch', async () => {
    const dataset = await pictures(Array.from({ length: 11 }, (_, index) => index % 3));
    const [one, other, whole] = [
      await run(dataset),
      await run(dataset),
      await run(dataset, { batchSize: 100 }),
    ];
    expect([other.csv, other.jsonl]).toEqual([one.csv, one.jsonl]);
    expect(whole.lines.map(({ predicted }) => predicted)).toEqual(
      one.lines.map(({ predicted }) => predicted),
    );
  });

  it('takes the transform of the predictor, and says so where the data set has another of its own', async () => {
    const labels = [0, 1];
    const own = await run(await pictures(labels, CLASSES, { scale: [1], offset: [3] }));
    expect(own.csv).toBe((await run(await pictures(labels))).csv);
    expect(own.said).toEqual([
      'notice: the transform is the predictor’s, that of the data it was trained on, not the data set’s',
    ]);
    const raw = await run(await pictures(labels, CLASSES, { scale: [1], offset: [0] }));
    expect(raw.said).toEqual(['info: the transform is the predictor’s, that of the data it was trained on']);
  });

  it('compares classes by name, and names those that the predictor does not know', async () => {
    const { lines, said, context } = await run(await pictures([1, 0, 2], ['light', 'dark', 'red']));
    expect(lines.map(({ label, predicted }) => [label, predicted]).slice(0, 2)).toEqual([
      ['dark', 'dark'],
      ['light', 'light'],
    ]);
    expect(lines[2]?.label).toBe('red');
    expect(said).toEqual([
      'warning: the predictor does not know the class red: it predicts others for their examples',
    ]);
    expect(context.reports).toEqual(['3 predictions of 3 classes, 2 of 2 as labelled']);
  });

  it('predicts numbers of a table, beside its targets', async () => {
    const writer = await DatasetWriter.create(await temporaryFolder(), { shape: [2] });
    await writer.append(Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(0.1, 0.2, 0.3));
    const features = ['size', 'age'];
    const dataset = await writer.finish({ source: 'test', features, targets: ['price'] });
    await writer.close();
    const by = await tinyPredictor(tensorflow, {
      shape: [2],
      classes: [],
      targets: ['price', 'tax'],
      features,
      transform: { scale: [2, 1], offset: [0, 1] },
      kernel: [
        [1, 0],
        [0.5, 0.1],
      ],
      bias: [0, 1],
    });
    const { csv, lines, context } = await run(dataset, { with: by });
    expect(csv.split('\r\n').slice(0, 2)).toEqual([
      'index,target_price,predicted_price,predicted_tax',
      '0,0.1,3.5,1.3',
    ]);
    expect(lines[2]).toEqual({ index: 2, targets: { price: 0.3 }, predicted: { price: 13.5, tax: 1.7 } });
    expect(context.reports).toEqual(['3 predictions of 2 targets']);
    const swapped = { ...dataset, features: ['age', 'size'] };
    expect((await failureOf(run(swapped, { with: by }))).message).toBe(
      'predict: column 1 of the data set is "age", and the predictor takes "size" there',
    );
  });

  it('refuses a network that returns no numbers', async () => {
    const broken = await tinyPredictor(tensorflow, {
      shape: [1, 2, 1],
      classes: CLASSES,
      transform: TRANSFORM,
      kernel: KERNEL.map(row => row.map(() => NaN)),
      bias: BIAS,
    });
    const failure = await failureOf(run(await pictures([0, 1]), { with: broken }));
    expect(failure.message).toBe('the predictor returns NaN for example 0, which is no prediction');
  });

  it('refuses a network that is not what its description says', async () => {
    const failure = await failureOf(
      run(await pictures([0]), { with: { ...predictor, classes: ['a', 'b'] } }),
    );
    expect(failure.message).toMatch(/^the network of tiny in .+ makes 3 of 1×2×1; expected 2 of 1×2×1$/);
  });

  it('stops between two batches', async () => {
    await expect(run(await pictures([0]), { signal: AbortSignal.abort() })).rejects.toThrow(Interrupted);
  });
});

test('the predictor is that of an earlier experiment where `from` names one', () => {
  expect(predict.borrows?.({ batchSize: 128, mirrored: false })).toEqual([]);
  expect(predict.borrows?.({ batchSize: 128, mirrored: false, from: 'latest:classifier' })).toEqual([
    { input: 'predictor', experiment: 'latest:classifier', because: ['from'] },
  ]);
});

describe('what does not fit a predictor', () => {
  const images = { shape: [32, 32, 3], images: true, classes: ['cat', 'dog'] };
  const outline = (dataset: object, predictor: object = images) =>
    (predict.outline?.({ batchSize: 128, mirrored: false }, { dataset, predictor })?.problems ?? []).map(
      ({ message, severity }) => [message, severity ?? 'error'],
    );

  it('is found before anything runs, as far as it is known', () => {
    const size = { height: 32, width: 32, channels: 3 };
    expect(outline(size)).toEqual([]);
    expect(outline({})).toEqual([]);
    expect(outline({ ...size, channels: 1 })).toEqual([
      ['the predictor takes examples of 32×32×3, and those of the data set are 32×32×1', 'error'],
    ]);
    expect(outline({ height: 28 })).toEqual([
      ['the predictor takes examples of 32×32×3, and those of the data set are 28×?×?', 'error'],
    ]);
    expect(outline({ shape: [undefined] })).toEqual([
      ['the predictor takes images, and the data set has numbers', 'error'],
    ]);
    expect(outline(size, { shape: [10], images: false })).toEqual([
      ['the predictor takes numbers, and the data set has images', 'error'],
    ]);
  });

  it('is a warning for classes that it does not know', () => {
    expect(outline({ classes: ['dog', 'cat', 'frog', 'ant'] })).toEqual([
      ['the predictor does not know the classes frog, ant: it predicts others for their examples', 'warning'],
    ]);
    expect(outline({ classes: ['a'] }, { targetNames: ['price'] })).toEqual([]);
  });
});
