import { readFileSync } from 'node:fs';
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StepDefinition, TensorFlow } from '../../src/core/tensorflow.ts';
import { scalarInput } from '../../src/training/feed.ts';
import { adam, adamw } from '../../src/training/optimizers/adam.ts';
import { clipByGlobalNorm } from '../../src/training/optimizers/clip.ts';
import type { Optimizer } from '../../src/training/optimizers/optimizer.ts';
import { rmsprop } from '../../src/training/optimizers/rmsprop.ts';
import { sgd } from '../../src/training/optimizers/sgd.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

type Values = Readonly<Record<string, readonly number[]>>;

/** Updates by Keras and PyTorch in float64; made by bench/reference/make_optimizers.py. */
interface Fixture {
  readonly shapes: Values;
  readonly weights: Values;
  /** Of each update. */
  readonly gradients: readonly Values[];
  readonly cases: readonly {
    readonly by: 'keras' | 'torch';
    readonly optimizer: keyof typeof optimizers;
    readonly settings: { readonly clipNorm?: number };
    readonly rates: readonly number[];
    /** The weights after each update. */
    readonly after: readonly Values[];
  }[];
}

const optimizers = { adam, adamw, sgd, rmsprop };
const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/optimizers.json', import.meta.url), 'utf8'),
) as Fixture;
const weights = Object.entries(fixture.shapes).map(([key, shape]) => ({
  key,
  shape,
  values: Float32Array.from(fixture.weights[key] ?? []),
}));
type Update = Parameters<Optimizer['update']>[1];

/** A step of one update, or of several, one after the other, whose gradients are its inputs. */
const stepOf = (tensorflow: TensorFlow, optimizer: Optimizer, updates = 1): StepDefinition => ({
  name: 'move',
  state: {
    ...Object.fromEntries(weights.map(({ key, ...entry }) => [key, entry])),
    ...optimizer.state('net', weights),
  },
  run: ({ learningRate, ...gradients }, initial) => {
    const state: Record<string, Tf.Tensor> = { ...initial };
    const update = { name: 'net', gradients, state, learningRate } as Update;
    for (let each = 0; each < updates; each++) Object.assign(state, optimizer.update(tensorflow, update));
    const changed = Object.entries(state).filter(([key, tensor]) => tensor !== initial[key]);
    return { outputs: {}, updates: Object.fromEntries(changed) };
  },
});

const inputs = (values: Values, rate: number) => ({
  learningRate: scalarInput(rate),
  ...Object.fromEntries(
    weights.map(({ key, shape }) => [key, { shape, values: Float32Array.from(values[key] ?? []) }]),
  ),
});

const cases = fixture.cases.map(
  each =>
    [`${each.optimizer} ${JSON.stringify(each.settings)} moves weights as ${each.by} does`, each] as const,
);

describe.each(['native', 'javascript'] as const)('on the %s backend', kind => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(kind === 'javascript' ? kind : undefined);
  });

  /** The weights after every update. */
  async function moved(optimizer: Optimizer, rates: readonly number[], updates = 1) {
    const step = tensorflow.compile(stepOf(tensorflow, optimizer, updates));
    const after: Readonly<Record<string, Float32Array>>[] = [];
    for (const [index, rate] of rates.entries()) {
      await step.run(inputs(fixture.gradients[index] ?? {}, rate));
      after.push(await step.read(weights.map(({ key }) => key)));
    }
    await step.dispose();
    return after;
  }

  test.each(cases)('%s', async (_, { optimizer, settings, rates, after }) => {
    const { clipNorm, ...own } = settings;
    const made = optimizers[optimizer](own);
    const found = await moved(clipNorm === undefined ? made : clipByGlobalNorm(made, clipNorm), rates);
    after.forEach((expected, update) => {
      for (const { key } of weights)
        found[update]?.[key]?.forEach((value, at) =>
          expect(value, `${key}[${at}] after update ${update + 1}`).toBeCloseTo(
            expected[key]?.[at] ?? NaN,
            5,
          ),
        );
    });
  });

  test('adamw without decay is adam, and several updates in one step are as many steps', async () => {
    const rates = [0.05, 0.02];
    const settings = { beta1: 0.5, weightDecay: 0 };
    expect(await moved(adamw(settings), rates)).toEqual(await moved(adam(settings), rates));
    const decaying = adamw({ weightDecay: 0.1 });
    const step = tensorflow.compile(stepOf(tensorflow, decaying));
    for (let each = 0; each < 3; each++) await step.run(inputs(fixture.gradients[0] ?? {}, 0.05));
    const single = await step.read(weights.map(({ key }) => key));
    await step.dispose();
    expect((await moved(decaying, [0.05], 3))[0]).toEqual(single);
  });

  test('gradients without a direction stay zero when they are clipped, and infinite ones are not hidden', async () => {
    const step = tensorflow.compile(stepOf(tensorflow, clipByGlobalNorm(sgd(), 1)));
    const of = (value: number) => ({ 'net/kernel': new Array<number>(6).fill(value), 'net/bias': [0, 0, 0] });
    await step.run(inputs(of(0), 0.1));
    expect((await step.read(['net/kernel']))['net/kernel']).toEqual(weights[0]?.values);
    await step.run(inputs(of(3e38), 0.1));
    expect((await step.read(['net/kernel']))['net/kernel']?.every(Number.isNaN)).toBe(true);
    await step.dispose();
  });
});
