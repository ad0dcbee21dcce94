import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StepDefinition, TensorFlow } from '../../src/core/tensorflow.ts';
import { scalarInput } from '../../src/training/feed.ts';
import { adam } from '../../src/training/optimizers/adam.ts';
import type { Optimizer } from '../../src/training/optimizers/optimizer.ts';
import { sgd } from '../../src/training/optimizers/sgd.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

const weights = [
  { key: 'net/w', shape: [2, 2], values: Float32Array.of(1, -2, 3, 0.5) },
  { key: 'net/b', shape: [2], values: Float32Array.of(0.1, 0.2) },
];
const rates = [0.1, 0.1, 0.05, 0.01];

/** The gradient of ½ Σ w² is w. */
const stepOf = (tensorflow: TensorFlow, optimizer: Optimizer): StepDefinition => ({
  name: 'shrink',
  state: {
    ...Object.fromEntries(weights.map(({ key, ...entry }) => [key, entry])),
    ...optimizer.state('net', weights),
  },
  run: ({ learningRate }, state) => {
    const gradients = Object.fromEntries(weights.map(({ key }) => [key, state[key]?.clone() as Tf.Tensor]));
    const update = { name: 'net', gradients, state, learningRate: learningRate as Tf.Tensor };
    return { outputs: {}, updates: optimizer.update(tensorflow, update) };
  },
});

describe.each(['native', 'javascript'] as const)('on the %s backend', kind => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(kind === 'javascript' ? kind : undefined);
  });

  test.each<[string, Optimizer, (tf: TensorFlow['tf'], rate: number) => Tf.Optimizer]>([
    ['sgd', sgd(), (tf, rate) => tf.train.sgd(rate)],
    ['sgd with momentum', sgd({ momentum: 0.9 }), (tf, rate) => tf.train.momentum(rate, 0.9)],
    ['adam', adam(), (tf, rate) => tf.train.adam(rate, 0.9, 0.999, 1e-7)],
  ])(
    '%s moves weights as TensorFlow.js does, with a learning rate of each iteration',
    async (_, optimizer, stock) => {
      const { tf } = tensorflow;
      const step = tensorflow.compile(stepOf(tensorflow, optimizer));
      for (const rate of rates) await step.run({ learningRate: scalarInput(rate) });
      const found = await step.read(weights.map(({ key }) => key));
      await step.dispose();

      const variables = weights.map(({ values, shape, key }) =>
        tf.variable(tf.tensor(values, shape), true, key),
      );
      const other = stock(tf, rates[0] as number);
      for (const rate of rates) {
        Object.assign(other, {
          learningRate: rate,
          ...(other.getClassName() !== 'Adam' && { c: tf.keep(tf.scalar(-rate)) }),
        });
        other.applyGradients(Object.fromEntries(variables.map(each => [each.name, each.clone()])));
      }
      for (const variable of variables) {
        const values = found[variable.name] as Float32Array;
        (await variable.data()).forEach((value, index) => expect(values[index]).toBeCloseTo(value, 5));
        variable.dispose();
      }
    },
  );
});
