import { beforeAll, expect, test } from 'vitest';
import type { StateValues, TensorFlow } from '../../../src/core/tensorflow.ts';
import { trainedWeights } from '../../../src/models/forward.ts';
import { scalarInput } from '../../../src/training/feed.ts';
import { averagedWeights, averageWeight } from '../../../src/training/gan/average.ts';
import { ganStep } from '../../../src/training/gan/step.ts';
import { referenceSettings } from '../../rig/reference-gan.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { tinyInputs, tinyNetworks } from '../../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
});

test('the average follows the trained weights by its decay, and everything else is as it is', async () => {
  const networks = tinyNetworks(true);
  const { generator } = networks;
  const step = tensorflow.compile(ganStep(tensorflow, networks, { ...referenceSettings, ema: 0.9 }, 4));
  const trained = trainedWeights(generator).map(({ key }) => key);
  const expected = new Map(Object.entries(await step.read()));
  let state: StateValues = {};
  for (let iteration = 1; iteration <= 3; iteration++) {
    const weight = averageWeight(0.9, iteration);
    await step.run({ ...tinyInputs(iteration), averageWeight: scalarInput(weight) });
    state = await step.read();
    for (const key of trained) {
      const average = expected.get(key) as Float32Array;
      const values = state[key] as Float32Array;
      expected.set(
        key,
        average.map((value, index) => value + weight * ((values[index] as number) - value)),
      );
    }
  }
  await step.dispose();
  const averaged = averagedWeights(generator, state);
  for (const key of trained) {
    expect(averaged[key]).not.toEqual(state[key]);
    expected.get(key)?.forEach((value, index) => {
      expect(averaged[key]?.[index]).toBeCloseTo(value, 6);
    });
  }
  const statistics = 'generator/batchNormalization/movingMean';
  expect(averaged[statistics]).toBe(state[statistics]);
});

test('the first iterations count for more, so that the initial weights are soon forgotten', () => {
  expect(averageWeight(0.999, 1)).toBeCloseTo(9 / 11, 10);
  expect(averageWeight(0.999, 90)).toBeCloseTo(0.09, 10);
  expect(averageWeight(0.999, 100_000)).toBeCloseTo(0.001, 10);
  expect(averageWeight(0, 5)).toBe(1);
});

test('without an average there is no state of it', () => {
  const { state } = ganStep(tensorflow, tinyNetworks(true), referenceSettings, 4);
  expect(Object.keys(state).filter(key => key.startsWith('ema/'))).toEqual([]);
  expect(averagedWeights(tinyNetworks(true).generator, { other: new Float32Array(1) })).toEqual({
    other: new Float32Array(1),
  });
});
