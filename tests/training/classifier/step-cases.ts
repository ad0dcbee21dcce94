import { beforeAll, describe, expect, test } from 'vitest';
import type { StepInput, TensorFlow } from '../../../src/core/tensorflow.ts';
import { bindPredictor } from '../../../src/models/predictor.ts';
import { fitStep, type FitSettings } from '../../../src/training/classifier/step.ts';
import { scalarInput } from '../../../src/training/feed.ts';
import { adam, adamw } from '../../../src/training/optimizers/adam.ts';
import type { Optimizer } from '../../../src/training/optimizers/optimizer.ts';
import { sgd } from '../../../src/training/optimizers/sgd.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { readFixture } from './fixtures.ts';

type Numbers = readonly number[] | readonly (readonly number[])[];

/** Three iterations by Keras in float64; made by bench/reference/make_fit_steps.py. */
interface Fixture {
  readonly rates: readonly number[];
  /** Shares of mixtures. */
  readonly shares: readonly number[];
  readonly weights: Readonly<Record<string, Numbers>>;
  readonly batches: readonly Readonly<Record<'examples' | 'labels' | 'targets', Numbers>>[];
  readonly cases: readonly {
    readonly name: string;
    readonly labelSmoothing?: number;
    readonly classWeights?: readonly number[];
    readonly mixup?: true;
    readonly regression?: true;
    readonly l2?: number;
    readonly optimizer?: { readonly kind: 'sgd' | 'adamw'; readonly weightDecay?: number };
    readonly losses: readonly number[];
    readonly weights: Readonly<Record<string, Numbers>>;
    readonly outputs: Numbers;
  }[];
}

const fixture = readFixture('classifier/fit-steps') as Fixture;
type Case = Fixture['cases'][number];

const transform = { scale: [1, 1, 1], offset: [0, 0, 0] };
const flat = (numbers: Numbers) => numbers.flat();

function networkOf({ regression, l2 }: Case) {
  const decay = l2 === undefined ? {} : { l2 };
  const layers = [
    { use: 'dense', units: 5, useBias: false, ...decay },
    { use: 'batchNormalization', momentum: 0.9, epsilon: 1e-3 },
    { use: 'activation', activation: 'relu' },
    { use: 'dense', units: 'classes', ...decay },
  ];
  return bindPredictor({ layers }, { input: [3], outputs: 4, isRegression: regression === true });
}

function optimizerOf({ optimizer }: Case): Optimizer {
  if (optimizer === undefined) return adam();
  return optimizer.kind === 'sgd'
    ? sgd({ momentum: 0.9, nesterov: true })
    : adamw({ weightDecay: optimizer.weightDecay as number });
}

function inputsOf({ regression, mixup }: Case, iteration: number): Readonly<Record<string, StepInput>> {
  const { examples, labels, targets } = fixture.batches[iteration] as Fixture['batches'][number];
  const matrix = (values: Numbers): StepInput => ({
    shape: [values.length, flat(values).length / values.length],
    values: Float32Array.from(flat(values)),
  });
  return {
    examples: matrix(examples),
    ...(regression
      ? { targets: matrix(targets) }
      : { labels: { shape: [labels.length], values: Uint8Array.from(flat(labels)) } }),
    ...(mixup && { mixingShare: scalarInput(fixture.shares[iteration] as number) }),
    seed: { shape: [2], values: Int32Array.of(1, 0) },
    learningRate: scalarInput(fixture.rates[iteration] as number),
  };
}

function expectNear(found: Float32Array, expected: Numbers, what: string): void {
  const numbers = flat(expected);
  expect(found.length, what).toBe(numbers.length);
  const furthest = Math.max(...numbers.map((value, at) => Math.abs(value - (found[at] as number))));
  expect(furthest, what).toBeLessThan(2e-5);
}

/** Losses, weights with their statistics, and predictions of three iterations, on a backend. */
export function stepCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  describe('three iterations are those of Keras', () => {
    test.each(fixture.cases.map(each => [each.name, each] as const))('%s', async (_, given) => {
      const network = networkOf(given);
      const settings: FitSettings = {
        seed: 1,
        optimizer: optimizerOf(given),
        transform,
        augment: [],
        ...(given.labelSmoothing !== undefined && { labelSmoothing: given.labelSmoothing }),
        classWeights: given.classWeights,
      };
      const step = tensorflow.compile(fitStep(tensorflow, network, settings));
      const key = (name: string) => `network/${name}`;
      const initial = Object.entries(fixture.weights).map(([name, values]) => [
        key(name),
        Float32Array.from(flat(values)),
      ]);
      await step.write({
        ...(await step.read()),
        ...(Object.fromEntries(initial) as Record<string, Float32Array>),
      });
      const losses: number[] = [];
      for (const iteration of fixture.batches.keys()) {
        const { loss } = await step.run(inputsOf(given, iteration));
        losses.push((loss as Float32Array)[0] as number);
      }
      expectNear(Float32Array.from(losses), given.losses, 'losses');
      const state = await step.read();
      await step.dispose();
      for (const [name, values] of Object.entries(given.weights))
        expectNear(state[key(name)] as Float32Array, values, name);
    });
  });
}
