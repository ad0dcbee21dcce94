import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import type { StateValues, StepInput, TensorFlow } from '../../../src/core/tensorflow.ts';
import { codeDir } from '../../../src/host/paths.ts';
import { trainedWeights } from '../../../src/models/forward.ts';
import { bindGan, builtInGan, BUILT_IN_GANS, type Gan } from '../../../src/models/gan.ts';
import { scalarInput } from '../../../src/training/feed.ts';
import { ganLoss } from '../../../src/training/gan/losses.ts';
import { ganStep, type GanSettings } from '../../../src/training/gan/step.ts';
import { referenceSettings } from '../../rig/reference-gan.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';

const BATCH = 4;
const classes = ['a', 'b', 'c'];

/** Inputs of an iteration on random grey pictures of 8×8. */
function inputsOf({ generator }: Gan, iteration: number): Record<string, StepInput> {
  const random = new Random(iteration);
  const { latent } = generator.dimensions;
  const bytes = (size: number, high: number) =>
    Uint8Array.from({ length: size }, () => random.integer(0, high));
  return {
    images: { shape: [BATCH, 8, 8, 1], values: bytes(BATCH * 64, 255) },
    labels: { shape: [BATCH], values: bytes(BATCH, classes.length - 1) },
    z: { shape: [BATCH, latent], values: random.normals(BATCH * latent) },
    seed: { shape: [2], values: Int32Array.of(iteration, 0) },
    learningRate: scalarInput(2e-4),
    discriminatorLearningRate: scalarInput(2e-4),
  };
}

/** The bits of a state, in short: millions of numbers. */
const digest = (state: StateValues): Record<string, string> =>
  Object.fromEntries(
    Object.entries(state).map(([key, values]) => [key, createHash('sha256').update(values).digest('hex')]),
  );

const settings: GanSettings = {
  ...referenceSettings,
  loss: ganLoss('hinge'),
  discriminatorUpdate: 'joint',
  fakes: 'shared',
  transform: { scale: [1 / 127.5], offset: [-1] },
};

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
});

describe.each(BUILT_IN_GANS.filter(name => name !== 'dcgan' && name !== 'cgan'))('%s', name => {
  const { latent, ...networks } = builtInGan(codeDir, name);
  const gan = bindGan({ ...networks, latentDim: latent, imageShape: [8, 8, 1], classes });

  /** States before the first iteration and after each one. */
  async function statesOf(iterations: readonly number[], start?: StateValues): Promise<StateValues[]> {
    const step = tensorflow.compile(ganStep(tensorflow, gan, settings, 4));
    if (start !== undefined) await step.write(start);
    const states = [await step.read()];
    for (const iteration of iterations) {
      const losses = Object.entries(await step.run(inputsOf(gan, iteration)));
      for (const [loss, [value]] of losses) expect(Number.isFinite(value), loss).toBe(true);
      states.push(await step.read());
    }
    await step.dispose();
    return states;
  }

  test('trains every weight, moves every state, and resumes to the same bits', async () => {
    const [before, between, after] = (await statesOf([0, 1])) as [StateValues, StateValues, StateValues];
    const trained = [gan.generator, gan.discriminator].flatMap(network => [
      ...trainedWeights(network),
      ...network.weights.filter(({ trainable }) => !trainable),
    ]);
    // A vector of one number is ±1 from the start.
    const unmoved = trained
      .filter(({ shape }) => !(shape.length === 1 && shape[0] === 1))
      .filter(({ key }) => before[key]?.every((value, index) => value === after[key]?.[index]));
    expect(unmoved.map(({ key }) => key)).toEqual([]);
    const [, resumed] = (await statesOf([1], between)) as [StateValues, StateValues];
    expect(digest(resumed)).toEqual(digest(after));
  });
});
