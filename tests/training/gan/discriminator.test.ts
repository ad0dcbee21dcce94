import { beforeAll, describe, expect, test } from 'vitest';
import type { StateValues, StepInput, TensorFlow } from '../../../src/core/tensorflow.ts';
import { partSizes } from '../../../src/training/gan/rounds.ts';
import { ganStep, type GanSettings } from '../../../src/training/gan/step.ts';
import { referenceSettings } from '../../rig/reference-gan.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { tinyInputs, tinyNetworks } from '../../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
});

type Inputs = Readonly<Record<string, StepInput>>;

async function trained(settings: Partial<GanSettings>, ...inputs: readonly Inputs[]) {
  const definition = ganStep(tensorflow, tinyNetworks(true), { ...referenceSettings, ...settings }, 4);
  const step = tensorflow.compile(definition);
  const metrics: StateValues[] = [];
  for (const each of inputs) metrics.push(await step.run(each));
  const state = await step.read();
  await step.dispose();
  return { metrics, state };
}

/** Two batches of 6 as one of 12. */
function together(first: Inputs, second: Inputs): Inputs {
  const joined = (name: string): StepInput => {
    const [one, other] = [first[name], second[name]] as [StepInput, StepInput];
    const [count = 0, ...rest] = one.shape;
    const kind = one.values.constructor as Float32ArrayConstructor;
    return { shape: [2 * count, ...rest], values: kind.from([...one.values, ...other.values]) };
  };
  return { ...first, images: joined('images'), labels: joined('labels'), z: joined('z') };
}

const ofDiscriminator = (state: StateValues) =>
  Object.entries(state).filter(([key]) => key.startsWith('discriminator/'));

const updatesOf = (state: StateValues, network: string) =>
  Math.log(state[`adam/${network}/beta1Power`]?.[0] as number) / Math.log(0.5) - 1;

describe('discriminator steps', () => {
  test('each takes images of its own: two of 6 are two iterations for the discriminator', async () => {
    const rates = { generator: 0, discriminator: 2e-4 };
    const [first, second] = [tinyInputs(1, rates), tinyInputs(2, rates)];
    const expected = await trained({ fakes: 'shared' }, first, second);
    const found = await trained({ fakes: 'shared', discriminatorSteps: 2 }, together(first, second));
    expect(updatesOf(found.state, 'discriminator')).toBeCloseTo(4, 5);
    expect(updatesOf(found.state, 'generator')).toBeCloseTo(1, 5);
    const values = Object.fromEntries(ofDiscriminator(found.state));
    for (const [key, weights] of ofDiscriminator(expected.state))
      weights.forEach((weight, index) => expect(values[key]?.[index]).toBeCloseTo(weight, 5));
    for (const name of ['d_loss', 'd_loss_real', 'd_loss_fake', 'd_accuracy']) {
      const [one, other] = expected.metrics.map(each => each[name]?.[0] as number);
      expect(found.metrics[0]?.[name]?.[0]).toBeCloseTo(((one as number) + (other as number)) / 2, 5);
    }
  });

  test('are as many as there are images, where there are fewer than steps', async () => {
    expect([partSizes(12, 2), partSizes(5, 2), partSizes(7, 3), partSizes(1, 3)]).toEqual([
      [6, 6],
      [2, 3],
      [2, 2, 3],
      [1],
    ]);
    const { state } = await trained({ discriminatorSteps: 3 }, tinyInputs(1, undefined, 2));
    expect(updatesOf(state, 'discriminator')).toBeCloseTo(4, 5);
  });
});

describe('a joint update', () => {
  test('is one of the discriminator, on the sum of both losses', async () => {
    const { state, metrics } = await trained({ discriminatorUpdate: 'joint' }, tinyInputs(1));
    expect(updatesOf(state, 'discriminator')).toBeCloseTo(1, 5);
    // Both losses are those of the weights before it; the separate one on fakes comes after the update on real images.
    const separate = await trained({}, tinyInputs(1));
    expect(metrics[0]?.['d_loss_real']).toEqual(separate.metrics[0]?.['d_loss_real']);
    expect(metrics[0]?.['d_loss_fake']).not.toEqual(separate.metrics[0]?.['d_loss_fake']);
  });

  test('moves the moving statistics once for each of its passes', async () => {
    const { state } = await trained({ discriminatorUpdate: 'joint' }, tinyInputs(1));
    const variance = state['discriminator/batchNormalization/movingVariance'] as Float32Array;
    // Two updates of 0.8 · old + 0.2 · batch leave 0.64 of the old variance of 1.
    variance.forEach(value => expect(value).toBeGreaterThan(0.64));
    variance.forEach(value => expect(value).toBeLessThan(0.8));
  });
});
