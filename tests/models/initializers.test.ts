import { describe, expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import { initialWeights } from '../../src/models/initial-weights.ts';
import { networkOf } from '../rig/networks.ts';

/** Initial values of a dense kernel `[300, 200]`. */
function kernelOf(kernelInitializer: unknown, units = 200, inputs = 300): Float32Array {
  const network = networkOf([{ use: 'dense', units, kernelInitializer }], [inputs]);
  return initialWeights(network, 1)['net/dense/kernel'] as Float32Array;
}

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: Float32Array) => {
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length);
};
const largest = (values: Float32Array) => values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);

/** Within three standard errors of 60,000 values, rounded up. */
const expectDeviation = (values: Float32Array, expected: number) =>
  expect(Math.abs(deviation(values) / expected - 1)).toBeLessThan(0.012);

describe('scaled by the fans, as Keras does', () => {
  test.each([
    ['glorotUniform', Math.sqrt(6 / 500)],
    ['heUniform', Math.sqrt(6 / 300)],
    ['lecunUniform', Math.sqrt(3 / 300)],
  ])('%s is even up to its limit', (name, limit) => {
    const values = kernelOf(name);
    expect(largest(values)).toBeLessThanOrEqual(Math.fround(limit));
    expect(largest(values)).toBeGreaterThan(0.999 * limit);
    expect(Math.abs(mean(values))).toBeLessThan(limit / 100);
    expectDeviation(values, limit / Math.sqrt(3));
  });

  test.each([
    ['glorotNormal', Math.sqrt(2 / 500)],
    ['heNormal', Math.sqrt(2 / 300)],
    ['lecunNormal', Math.sqrt(1 / 300)],
  ])(
    '%s is a normal cut off at two standard deviations, with the variance of what is left',
    (name, stddev) => {
      const values = kernelOf(name);
      expectDeviation(values, stddev);
      const limit = (2 * stddev) / 0.8796256610342398;
      expect(largest(values)).toBeLessThanOrEqual(Math.fround(limit));
      expect(largest(values)).toBeGreaterThan(0.99 * limit);
    },
  );

  test('gain multiplies', () => {
    const once = kernelOf('glorotUniform', 4, 3);
    expect(kernelOf({ use: 'glorotUniform', gain: 2 }, 4, 3)).toEqual(once.map(value => 2 * value));
    expect(kernelOf({ use: 'glorotUniform' }, 4, 3)).toEqual(once);
  });

  test.each<[LayerSpec, number, number]>([
    [{ use: 'conv2d', filters: 40, kernelSize: 5 }, 25 * 20, 25 * 40],
    // Keras counts the third axis of its kernel as the inputs.
    [{ use: 'conv2dTranspose', filters: 40, kernelSize: 5 }, 25 * 40, 25 * 20],
  ])('the fans of $use count the window', (layer, fanIn, fanOut) => {
    for (const [use, limit] of [
      ['glorotUniform', Math.sqrt(6 / (fanIn + fanOut))],
      ['heUniform', Math.sqrt(6 / fanIn)],
    ] as const) {
      const network = networkOf([{ ...layer, kernelInitializer: use }], [6, 6, 20]);
      const found = largest(initialWeights(network, 1)[`net/${layer.use}/kernel`] as Float32Array);
      expect(found).toBeLessThanOrEqual(Math.fround(limit));
      expect(found).toBeGreaterThan(0.999 * limit);
    }
  });
});

describe('of one distribution whatever the layer', () => {
  test('randomNormal has a mean and a standard deviation', () => {
    expectDeviation(kernelOf('randomNormal'), 0.05);
    const values = kernelOf({ use: 'randomNormal', mean: 1, stddev: 0.02 });
    expectDeviation(values, 0.02);
    expect(mean(values)).toBeCloseTo(1, 3);
    expect(largest(values)).toBeGreaterThan(1.06);
  });

  test('truncatedNormal ends at two standard deviations', () => {
    const values = kernelOf({ use: 'truncatedNormal', mean: 0.1, stddev: 0.02 });
    expect(mean(values)).toBeCloseTo(0.1, 3);
    expectDeviation(values, 0.02 * 0.8796256610342398);
    expect(largest(values)).toBeLessThanOrEqual(Math.fround(0.14));
    expect(largest(values)).toBeGreaterThan(0.139);
  });

  test('randomUniform has two ends', () => {
    expect(largest(kernelOf('randomUniform'))).toBeLessThanOrEqual(Math.fround(0.05));
    const values = kernelOf({ use: 'randomUniform', minval: 1, maxval: 3 });
    expect(mean(values)).toBeCloseTo(2, 1);
    expectDeviation(values, 2 / Math.sqrt(12));
  });

  test('constants, zeros and ones', () => {
    expect(new Set(kernelOf({ use: 'constant', value: 0.25 }))).toEqual(new Set([0.25]));
    expect(new Set(kernelOf('zeros'))).toEqual(new Set([0]));
    expect(new Set(kernelOf({ use: 'ones' }))).toEqual(new Set([1]));
  });
});

describe('orthogonal', () => {
  test.each([
    ['more inputs than outputs', 30, 20],
    ['more outputs than inputs', 20, 30],
    ['a square', 25, 25],
  ])('%s: the shorter side is an orthogonal basis of the length of gain', (_case, inputs, outputs) => {
    const values = kernelOf({ use: 'orthogonal', gain: 1.5 }, outputs, inputs);
    const at = (row: number, column: number) => values[row * outputs + column] as number;
    const [long, short] = [Math.max(inputs, outputs), Math.min(inputs, outputs)];
    const vector = (index: number) =>
      Array.from({ length: long }, (_, k) => (inputs >= outputs ? at(k, index) : at(index, k)));
    for (let one = 0; one < short; one++)
      for (let other = 0; other < short; other++) {
        const right = vector(other);
        const dot = vector(one).reduce((sum, value, k) => sum + value * (right[k] as number), 0);
        expect(dot).toBeCloseTo(one === other ? 1.5 ** 2 : 0, 5);
      }
  });

  test('has no preferred sign', () => {
    const values = kernelOf('orthogonal');
    const positive = values.filter(value => value > 0).length / values.length;
    expect(positive).toBeCloseTo(0.5, 1);
    expect(largest(values)).toBeLessThan(0.4);
  });

  test('takes the window and the inputs of a convolution as one axis', () => {
    const network = networkOf(
      [{ use: 'conv2d', filters: 4, kernelSize: 3, kernelInitializer: 'orthogonal' }],
      [6, 6, 2],
    );
    const values = initialWeights(network, 1)['net/conv2d/kernel'] as Float32Array;
    const column = (index: number) => values.filter((_, at) => at % 4 === index);
    const dot = (one: Float32Array, other: Float32Array) =>
      one.reduce((sum, value, at) => sum + value * (other[at] as number), 0);
    expect(dot(column(1), column(1))).toBeCloseTo(1, 5);
    expect(dot(column(1), column(2))).toBeCloseTo(0, 5);
  });
});

test('another initialiser in one layer leaves the values of the others', () => {
  const layers = (first: string) => [
    { use: 'dense', units: 5, kernelInitializer: first },
    { use: 'dense', units: 5 },
  ];
  const values = (first: string) => initialWeights(networkOf(layers(first), [4]), 1);
  expect(values('orthogonal')['net/dense_1/kernel']).toEqual(values('zeros')['net/dense_1/kernel']);
  expect(values('orthogonal')['net/dense/kernel']).not.toEqual(values('zeros')['net/dense/kernel']);
});
