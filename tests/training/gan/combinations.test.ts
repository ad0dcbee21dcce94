import { beforeAll, describe, expect, test } from 'vitest';
import type { StateValues, StepInput, TensorFlow } from '../../../src/core/tensorflow.ts';
import { bindNetwork } from '../../../src/models/bind.ts';
import { trainedWeights } from '../../../src/models/forward.ts';
import type { Gan } from '../../../src/models/gan.ts';
import type { Network } from '../../../src/models/network.ts';
import { scalarInput } from '../../../src/training/feed.ts';
import { GAN_LOSSES, ganLoss } from '../../../src/training/gan/losses.ts';
import { ganStep, type GanSettings } from '../../../src/training/gan/step.ts';
import { referenceSettings } from '../../rig/reference-gan.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { tinyInputs, tinyNetworks, type TinyRates } from '../../rig/tiny-gan.ts';

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
});

/** The tiny GAN with a discriminator that has a spectral norm, dropout and a class head. */
function classGan(): Gan {
  const { generator } = tinyNetworks(true);
  const layers = [
    { use: 'conv2d', filters: 4, kernelSize: 3, strides: 2 },
    { use: 'leakyReLU', alpha: 0.2 },
    { use: 'dropout', rate: 0.2 },
    { use: 'conv2d', filters: 6, kernelSize: 3, activation: 'relu' },
    { use: 'globalAveragePooling2d' },
    { use: 'dense', units: 8, spectralNormalization: true },
    { use: 'leakyReLU', alpha: 0.2 },
    { use: 'class-head' },
    { use: 'dense', units: 1 },
  ];
  const discriminator = bindNetwork('discriminator', { layers }, [8, 8, 3], generator.dimensions);
  return { generator, discriminator };
}

const everything: Partial<GanSettings> = {
  loss: ganLoss('lsgan'),
  discriminatorSteps: 2,
  discriminatorUpdate: 'joint',
  classWeight: 0.5,
  gradientPenalty: { kind: 'r1', weight: 10, every: 2 },
  ema: 0.9,
  augment: ['flip', 'color', 'translation', 'cutout'],
};

/** Inputs of an iteration, with the penalty in every second one. */
const inputsOf = (iteration: number, rates?: TinyRates): Record<string, StepInput> => ({
  ...tinyInputs(iteration, rates),
  averageWeight: scalarInput(0.1),
  ...(iteration % 2 === 1 && { penaltyWeight: scalarInput(20) }),
});

const compiled = (settings: Partial<GanSettings>, gan = classGan(), eager = false) =>
  tensorflow.compile(ganStep(tensorflow, gan, { ...referenceSettings, ...settings }, 4), { eager });

const isMoved = (before: StateValues, after: StateValues, key: string): boolean =>
  before[key]?.some((value, index) => value !== after[key]?.[index]) === true;

const movedWeights = (network: Network, before: StateValues, after: StateValues) =>
  trainedWeights(network).flatMap(({ key }) => (isMoved(before, after, key) ? [key] : []));

const combinations: readonly (readonly [string, Partial<GanSettings>])[] = [
  ...GAN_LOSSES.map(name => [name, { loss: ganLoss(name) }] as const),
  ['joint updates', { discriminatorUpdate: 'joint' }],
  ['r1', { gradientPenalty: { kind: 'r1', weight: 10, every: 1 } }],
  ['wgan-gp', { gradientPenalty: { kind: 'wgan-gp', weight: 10, every: 1 }, discriminatorUpdate: 'joint' }],
  ['augmentation', { augment: ['flip', 'translation', 'cutout', 'color'] }],
  ['everything', everything],
];

test.each(combinations)('with %s a step of one network moves that network alone', async (_name, settings) => {
  const gan = classGan();
  const step = compiled(settings, gan);
  for (const which of ['generator', 'discriminator'] as const) {
    const before = await step.read();
    await step.run(inputsOf(1, { generator: 0, discriminator: 0, [which]: 1e-3 }));
    const after = await step.read();
    const still = which === 'generator' ? gan.discriminator : gan.generator;
    expect(movedWeights(gan[which], before, after)).toEqual(trainedWeights(gan[which]).map(({ key }) => key));
    expect(movedWeights(still, before, after)).toEqual([]);
  }
  await step.dispose();
});

describe('with everything at once', () => {
  async function stateAfter(iterations: number, eager = false) {
    const step = compiled(everything, classGan(), eager);
    const outputs: StateValues[] = [];
    for (let iteration = 1; iteration <= iterations; iteration++)
      outputs.push(await step.run(inputsOf(iteration)));
    const state = await step.read();
    await step.dispose();
    return { state, outputs };
  }

  test('there are numbers on the class and the penalty, that one where it is due', async () => {
    const { outputs } = await stateAfter(2);
    const shared = ['d_loss_real', 'd_class_loss', 'd_class_accuracy', 'd_loss_fake', 'd_loss', 'd_accuracy'];
    const [due, other] = outputs.map(each => Object.keys(each).sort());
    expect(other).toEqual([...shared, 'g_loss', 'g_class_loss'].sort());
    expect(due).toEqual([...shared, 'd_penalty', 'g_loss', 'g_class_loss'].sort());
  });

  test('the compiled iteration is the eager one', async () => {
    const [first, second] = [await stateAfter(2), await stateAfter(2, true)];
    first.outputs.forEach((outputs, iteration) => {
      for (const [name, value] of Object.entries(outputs))
        expect(value[0], name).toBeCloseTo(second.outputs[iteration]?.[name]?.[0] as number, 3);
    });
  });

  test('training resumes from its state to the same bits', async () => {
    const step = compiled(everything);
    await step.write((await stateAfter(2)).state);
    await step.run(inputsOf(3));
    expect(await step.read()).toEqual((await stateAfter(3)).state);
    await step.dispose();
  });
});

test('the number of tensors stays the same from step to step, eager and compiled', async () => {
  const { tf } = tensorflow;
  for (const eager of [true, false]) {
    const before = tf.memory().numTensors;
    const step = compiled(everything, classGan(), eager);
    await step.run(inputsOf(1));
    await step.run(inputsOf(2));
    const during = tf.memory().numTensors;
    for (let iteration = 3; iteration < 6; iteration++) await step.run(inputsOf(iteration));
    expect(tf.memory().numTensors).toBe(during);
    await step.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }
});

test('the class loss is that of real images for the discriminator and of fakes for the generator, by its weight', async () => {
  const lossOf = async (classWeight: number) => {
    const step = compiled({ classWeight, ema: undefined });
    const outputs = await step.run(tinyInputs(1));
    const state = await step.read();
    await step.dispose();
    return { outputs, kernel: state['discriminator/class-head/kernel'] };
  };
  const [none, some] = [await lossOf(0), await lossOf(1)];
  expect(some.outputs['d_class_loss']).toEqual(none.outputs['d_class_loss']);
  expect(some.outputs['d_loss_real']).toEqual(none.outputs['d_loss_real']);
  expect(some.kernel).not.toEqual(none.kernel);
});
