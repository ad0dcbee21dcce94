import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { ClassEvaluation } from '../../../src/training/classifier/scores.ts';
import { TargetEvaluation } from '../../../src/training/classifier/target-scores.ts';

interface ClassificationCase {
  readonly labels: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
  readonly k: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly topK: number;
  readonly macroF1: number;
  readonly confusion: readonly (readonly number[])[];
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly f1: readonly number[];
  readonly support: readonly number[];
  readonly wrongest: readonly unknown[];
}

type TargetNumbers<N> = Readonly<Record<'mse' | 'mae' | 'r2', N>>;

interface RegressionCase {
  readonly truth: readonly (readonly number[])[];
  readonly predicted: readonly (readonly number[])[];
  readonly each: TargetNumbers<readonly number[]>;
  readonly mean: TargetNumbers<number>;
}

/** Made by bench/reference/make_scores.py with scikit-learn. */
function fixture<Case extends object>(name: string): readonly (readonly [string, Case])[] {
  const text = readFileSync(new URL(`../../fixtures/scores/${name}.json`, import.meta.url), 'utf8');
  return Object.entries(JSON.parse(text) as Record<string, Case | string>).flatMap(([key, value]) =>
    typeof value === 'string' ? [] : [[key, value] as const],
  );
}

/** Equal but for the rounding of float64. */
function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(Math.abs((found[index] as number) - value)).toBeLessThanOrEqual(1e-12 + 1e-9 * Math.abs(value));
  });
}

/** Adds the rows in batches of this size, the last one smaller. */
function inBatches(count: number, size: number, add: (start: number, end: number) => void): void {
  for (let start = 0; start < count; start += size) add(start, Math.min(start + size, count));
}

const flat = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat());

function evaluated(one: ClassificationCase, batch: number): ClassEvaluation {
  const classes = one.confusion.length;
  const evaluation = new ClassEvaluation({ classes, k: one.k, wrongest: one.wrongest.length });
  inBatches(one.labels.length, batch, (start, end) => {
    evaluation.add(
      Uint8Array.from(one.labels.slice(start, end)),
      flat(one.probabilities.slice(start, end)),
      start,
    );
  });
  return evaluation;
}

describe.each(fixture<ClassificationCase>('classification'))('the scores of the case %s', (_name, one) => {
  test('are those of scikit-learn', () => {
    const scores = evaluated(one, 16).scores();
    expect(scores.count).toBe(one.labels.length);
    expectClose(
      [scores.loss, scores.accuracy, scores.topK, scores.macroF1],
      [one.loss, one.accuracy, one.topK, one.macroF1],
    );
    expect(scores.confusion).toEqual(one.confusion);
    for (const name of ['precision', 'recall', 'f1', 'support'] as const)
      expectClose(
        scores.perClass.map(each => each[name]),
        one[name],
      );
    expect(scores.wrongest).toEqual(one.wrongest);
  });

  test('do not depend on the batches', () => {
    const { loss, ...others } = evaluated(one, 1).scores();
    const { loss: otherLoss, ...expected } = evaluated(one, 1000).scores();
    expect(others).toEqual(expected);
    expectClose([loss], [otherLoss]);
  });
});

describe('an evaluation of classes', () => {
  const evaluation = (options: { classes?: number; k?: number; wrongest?: number } = {}) =>
    new ClassEvaluation({ classes: 3, k: 2, wrongest: 2, ...options });

  test('ranks equal probabilities in the order of the classes, for the accuracy and for top-k', () => {
    const tied = evaluation();
    tied.add(Uint8Array.of(0, 1, 2), new Float32Array(9).fill(1 / 3), 0);
    expect(tied.scores()).toMatchObject({ accuracy: 1 / 3, topK: 2 / 3 });
  });

  test('keeps the mistakes that the network is surest of, of equal ones the first', () => {
    const random = new Random(7);
    const rows = Array.from({ length: 300 }, () => {
      const sure = random.integer(34, 50) / 50;
      return { label: random.integer(0, 1), probabilities: [sure, 1 - sure, 0] };
    });
    const kept = evaluation({ wrongest: 20 });
    for (const [index, { label, probabilities }] of rows.entries())
      kept.add(Uint8Array.of(label), Float32Array.from(probabilities), index);
    const expected = rows
      .map(({ label, probabilities: [sure] }, index) => ({
        index,
        label,
        predicted: 0,
        probability: Math.fround(sure as number),
      }))
      .filter(({ label }) => label !== 0)
      .sort((a, b) => b.probability - a.probability || a.index - b.index)
      .slice(0, 20);
    expect(kept.scores().wrongest).toEqual(expected);
  });

  test('has no mistakes where all is right, and needs none', () => {
    const right = evaluation({ wrongest: 0 });
    right.add(Uint8Array.of(1, 0), Float32Array.of(0.1, 0.8, 0.1, 0, 1, 0), 0);
    expect(right.scores().wrongest).toEqual([]);
  });

  test('takes probabilities that are no numbers for a loss that is none, and for wrong', () => {
    const broken = evaluation();
    broken.add(Uint8Array.of(0, 2), Float32Array.of(NaN, NaN, NaN, 0, 0, 1), 0);
    const { loss, accuracy, topK, wrongest } = broken.scores();
    expect(loss).toBeNaN();
    expect({ accuracy, topK }).toEqual({ accuracy: 0.5, topK: 0.5 });
    expect(wrongest).toEqual([]);
  });

  test('refuses numbers that do not agree, as they are bugs', () => {
    expect(() => evaluation().add(Uint8Array.of(0, 1), new Float32Array(3), 0)).toThrow(
      '2 labels with 3 probabilities of 3 classes',
    );
    expect(() => evaluation().add(Uint8Array.of(3), new Float32Array(3), 0)).toThrow('label 3 of 3 classes');
    expect(() => evaluation().scores()).toThrow('scores of no examples');
  });
});

describe.each(fixture<RegressionCase>('regression'))('the errors of the case %s', (_name, one) => {
  const targets = (one.truth[0] as readonly number[]).length;

  test.each([1, 7, 1000])('are those of scikit-learn, in batches of %i', batch => {
    const evaluation = new TargetEvaluation(targets);
    inBatches(one.truth.length, batch, (start, end) => {
      evaluation.add(flat(one.truth.slice(start, end)), flat(one.predicted.slice(start, end)));
    });
    const scores = evaluation.scores();
    expect(scores.count).toBe(one.truth.length);
    for (const name of ['mse', 'mae', 'r2'] as const) {
      expectClose(
        scores.perTarget.map(each => each[name]),
        one.each[name],
      );
      expectClose([scores[name]], [one.mean[name]]);
    }
  });
});

describe('an evaluation of targets', () => {
  test('has no R² of a single example, as scikit-learn has none', () => {
    const single = new TargetEvaluation(1);
    single.add(Float32Array.of(2), Float32Array.of(1.5));
    expect(single.scores()).toMatchObject({ mse: 0.25, mae: 0.5, r2: NaN });
  });

  test('refuses numbers that do not agree, as they are bugs', () => {
    expect(() => new TargetEvaluation(2).add(new Float32Array(4), new Float32Array(2))).toThrow(
      '2 predictions for 4 numbers of 2 targets',
    );
    expect(() => new TargetEvaluation(2).add(new Float32Array(3), new Float32Array(3))).toThrow(
      '3 predictions for 3 numbers of 2 targets',
    );
    expect(() => new TargetEvaluation(2).scores()).toThrow('scores of no examples');
  });
});
