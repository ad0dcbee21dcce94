import { describe, expect, it } from 'vitest';
import {
  classDivergence,
  classHistogram,
  inceptionScore,
  labelAccuracy,
} from '../../../src/scores/measures/classes.ts';
import { fixtureProbabilities, measures, relativeError } from '../../rig/measures.ts';

const { classes } = measures;
const probabilities = fixtureProbabilities();

/** Certain classes, one picture of each in turn. */
const certain = (labels: readonly number[], width = 10) => ({
  name: 'generated pictures',
  values: Float32Array.from({ length: labels.length * width }, (_, at) =>
    at % width === labels[Math.floor(at / width)] ? 1 : 0,
  ),
  count: labels.length,
  width,
});

describe('the inception score', () => {
  it('of one part is that of numpy to 1e-6', () => {
    const { value } = inceptionScore(probabilities, 1, 1);
    expect(relativeError(value, classes.inceptionScore)).toBeLessThan(1e-6);
  });

  it('is the mean of ten parts, a little below, with their error', () => {
    const { value, interval } = inceptionScore(probabilities, 1);
    expect(value).toBeLessThan(classes.inceptionScore);
    expect(value).toBeGreaterThan(0.9 * classes.inceptionScore);
    expect(interval[0]).toBeLessThan(value);
    expect(interval[1]).toBeGreaterThan(value);
    expect(inceptionScore(probabilities, 1)).toEqual(inceptionScore(probabilities, 1));
  });

  it('is the number of classes at best, be the pictures in the order of classes or not', () => {
    const ordered = certain(Array.from({ length: 20_000 }, (_, at) => Math.floor(at / 2000)));
    expect(inceptionScore(ordered, 1).value).toBeGreaterThan(9.9);
  });

  it('is 1 of a generator that makes one class', () => {
    expect(inceptionScore(certain(new Array(20).fill(3) as number[]), 1)).toEqual({
      value: 1,
      interval: [1, 1],
    });
  });
});

describe('the accuracy of labels', () => {
  it('is the share of classes recognised, with the interval of Wilson, as scipy computes it', () => {
    const { value, interval } = labelAccuracy(probabilities, classes.labels);
    expect(value).toBe(classes.accuracy.value);
    expect(relativeError(interval[0], classes.accuracy.interval[0])).toBeLessThan(1e-6);
    expect(relativeError(interval[1], classes.accuracy.interval[1])).toBeLessThan(1e-6);
  });

  it('is not certain to be 1 where all of few pictures are recognised', () => {
    const { value, interval } = labelAccuracy(certain([0, 1, 2, 3]), [0, 1, 2, 3]);
    expect(value).toBe(1);
    expect(interval[0]).toBeCloseTo(0.51, 2);
    expect(interval[1]).toBe(1);
  });
});

describe('the histogram of classes', () => {
  it('counts the most probable ones', () => {
    expect([...classHistogram(probabilities)]).toEqual(classes.histogram);
  });

  it('has a divergence from the reference’s, or from equal shares, as scipy computes it', () => {
    const histogram = Uint32Array.from(classes.histogram);
    const { value, interval } = classDivergence(histogram, Uint32Array.from(classes.expected), 1);
    expect(relativeError(value, classes.divergence)).toBeLessThan(1e-6);
    expect(interval[0]).toBeLessThan(value);
    expect(interval[1]).toBeGreaterThan(value);
    const fromEqual = classDivergence(histogram, undefined, 1);
    expect(relativeError(fromEqual.value, classes.divergenceFromEqual)).toBeLessThan(1e-6);
  });

  it('is the logarithm of the number of classes for a generator that makes one', () => {
    const { value } = classDivergence(Uint32Array.of(0, 0, 500, 0), undefined, 1);
    expect(value).toBeCloseTo(Math.log(4), 10);
  });
});

it('probabilities that are not numbers are refused', () => {
  const broken = {
    ...probabilities,
    values: probabilities.values.map((value, at) => (at === 25 ? NaN : value)),
  };
  expect(() => inceptionScore(broken, 1)).toThrow(
    'Picture 2 of the generated pictures (the first is 0) has the',
  );
});
