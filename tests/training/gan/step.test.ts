import { beforeAll, describe, expect, test } from 'vitest';
import type { CompileOptions, TensorFlow } from '../../../src/core/tensorflow.ts';
import { trainedWeights } from '../../../src/models/forward.ts';
import type { Network } from '../../../src/models/network.ts';
import { ganStep, type GanSettings } from '../../../src/training/gan/step.ts';
import { referenceSettings } from '../../rig/reference-gan.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { tinyInputs, tinyNetworks, type TinyRates } from '../../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
});

interface TrainOptions extends CompileOptions, Partial<GanSettings> {
  readonly rates?: TinyRates;
  readonly iterations?: number;
}

async function train({ rates, iterations = 1, eager = false, ...settings }: TrainOptions) {
  const networks = tinyNetworks(true);
  const { generator, discriminator } = networks;
  const step = tensorflow.compile(ganStep(tensorflow, networks, { ...referenceSettings, ...settings }, 4), {
    eager,
  });
  const before = await step.read();
  const losses: Awaited<ReturnType<typeof step.run>>[] = [];
  for (let iteration = 0; iteration < iterations; iteration++)
    losses.push(await step.run(tinyInputs(iteration, rates)));
  const after = await step.read();
  await step.dispose();
  const moved = (network: Network, which: 'trained' | 'statistics') =>
    (which === 'trained'
      ? trainedWeights(network)
      : network.weights.filter(weight => !weight.trainable)
    ).filter(({ key }) => before[key]?.some((value, index) => value !== after[key]?.[index])).length;
  return { generator, discriminator, before, after, losses, moved };
}

describe('which weights an iteration moves', () => {
  test('a discriminator step moves only the discriminator', async () => {
    const { generator, discriminator, moved } = await train({ rates: { generator: 0, discriminator: 1e-3 } });
    expect(moved(discriminator, 'trained')).toBe(trainedWeights(discriminator).length);
    expect(moved(generator, 'trained')).toBe(0);
  });

  test('a generator step moves only the generator', async () => {
    const { generator, discriminator, moved } = await train({ rates: { generator: 1e-3, discriminator: 0 } });
    expect(moved(generator, 'trained')).toBe(trainedWeights(generator).length);
    expect(moved(discriminator, 'trained')).toBe(0);
  });

  test('each network’s moving statistics move once per own step, and a cancelled bias stays where it was', async () => {
    const { generator, discriminator, before, after, moved } = await train({});
    expect(moved(generator, 'statistics')).toBe(2);
    expect(moved(discriminator, 'statistics')).toBe(2);
    expect(after['generator/conv2d/bias']).toEqual(before['generator/conv2d/bias']);
    // Two updates of 0.8 · old + 0.2 · batch leave 0.64 of the old variance of 1.
    const variance = after['discriminator/batchNormalization/movingVariance'] as Float32Array;
    variance.forEach(value => expect(value).toBeGreaterThan(0.64));
    expect(after['adam/generator/beta1Power']?.[0]).toBeCloseTo(0.25, 7);
    expect(after['adam/discriminator/beta1Power']?.[0]).toBeCloseTo(0.125, 7);
  });
});

describe.each(['inference', 'shared'] as const)('with fakes: %s', fakes => {
  test('the compiled iteration is the eager one, rewritten or layer by layer', async () => {
    const compiled = await train({ fakes, iterations: 3 });
    const eager = await train({ fakes, iterations: 3, eager: true });
    const plain = await train({ fakes, iterations: 3, plain: true, eager: true });
    for (const other of [eager, plain])
      compiled.losses.forEach((values, iteration) => {
        for (const [name, value] of Object.entries(values))
          expect(value[0]).toBeCloseTo(other.losses[iteration]?.[name]?.[0] as number, 4);
      });
  });

  test('two runs from one seed end in the same bits', async () => {
    const [first, second] = [await train({ fakes, iterations: 10 }), await train({ fakes, iterations: 10 })];
    expect(second.after).toEqual(first.after);
    expect(second.losses).toEqual(first.losses);
  });
});

test('the number of tensors stays the same from step to step, eager and compiled', async () => {
  const { tf } = tensorflow;
  for (const eager of [true, false]) {
    const before = tf.memory().numTensors;
    const step = tensorflow.compile(ganStep(tensorflow, tinyNetworks(true), referenceSettings, 4), { eager });
    await step.run(tinyInputs(0));
    const during = tf.memory().numTensors;
    for (let iteration = 1; iteration < 5; iteration++) await step.run(tinyInputs(iteration));
    expect(tf.memory().numTensors).toBe(during);
    await step.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }
});

test('labels matter to a conditional GAN, and not to another', async () => {
  for (const conditional of [true, false]) {
    const definition = ganStep(tensorflow, tinyNetworks(conditional), referenceSettings, 4);
    const lossOf = async (label: number) => {
      const step = tensorflow.compile(definition);
      const labels = { shape: [6], values: new Uint8Array(6).fill(label) };
      const values = await step.run({ ...tinyInputs(0), labels });
      await step.dispose();
      return values['g_loss']?.[0];
    };
    const losses = [await lossOf(0), await lossOf(1)];
    if (conditional) expect(losses[0]).not.toBe(losses[1]);
    else expect(losses[0]).toBe(losses[1]);
  }
});
