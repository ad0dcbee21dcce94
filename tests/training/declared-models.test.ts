import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadPipeline } from '../../src/config/load.ts';
import { builtInNetworks } from '../rig/reference-gan.ts';
import { referenceBatch, referenceWeights, type Reference } from '../rig/reference.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { scalarInput } from '../../src/training/feed.ts';
import type { GanParams } from '../../src/training/gan/params.ts';
import { settingInputs } from '../../src/training/gan/setting-inputs.ts';
import { ganSettings } from '../../src/training/gan/settings.ts';
import { ganStep } from '../../src/training/gan/step.ts';

/**
 * Three iterations of each ready-made model, as its pipeline trains it, beside Keras 3 in float64 with layers of its own, from the
 * same weights, noise and images, without augmentation, which is random. Made by bench/reference/make_declared.py.
 */
const tensorflow = await testTensorFlow();
const root = fileURLToPath(new URL('../..', import.meta.url));

interface DeclaredReference extends Pick<Reference, 'seed' | 'batch' | 'tensors' | 'fakes'> {
  readonly latent: number;
  readonly train: Pick<GanParams, 'fakes' | 'learningRate'>;
}

const referenceOf = async (model: string): Promise<DeclaredReference> =>
  JSON.parse(
    await readFile(join(root, 'tests/fixtures/reference', `${model}.json`), 'utf8'),
  ) as DeclaredReference;

/** The parameters of `train` in the model's pipeline, defaults included. */
async function trainParams(model: string): Promise<GanParams> {
  const file = join(root, 'pipelines', `${model}.yaml`);
  const set = ['vars.data=synthetic', 'train.augment=[]'];
  const result = await loadPipeline(file, { cwd: root, env: {}, set });
  if (!result.ok) throw new Error(`${file} is not valid: ${result.problems[0]?.message}`);
  return result.pipeline.stages.find(({ id }) => id === 'train')?.params as GanParams;
}

const byte = 1 / 127.5;

/** Relative for large numbers: a discriminator that sums its features has large logits. */
const distance = (found: number, expected: number): number =>
  Math.abs(found - expected) / Math.max(1, Math.abs(expected));

describe
  .skipIf(tensorflow.kind === 'javascript')
  .each(['sngan', 'acgan', 'cgan-projection', 'resnet-gan'] as const)('%s', model => {
  test('has the losses of Keras in each of three iterations', async () => {
    const [reference, params] = await Promise.all([referenceOf(model), trainParams(model)]);
    expect(params, 'bench/reference/make_declared.py makes the values anew').toMatchObject(reference.train);
    const networks = builtInNetworks(model);
    const settings = {
      ...ganSettings(params),
      transform: { scale: [byte, byte, byte], offset: [-1, -1, -1] },
    };
    const step = tensorflow.compile(ganStep(tensorflow, networks, settings, 1));
    const keys = [...networks.generator.weights, ...networks.discriminator.weights].map(({ key }) => key);
    expect(keys).toEqual(reference.tensors.map(({ name }) => name));
    const values = referenceWeights(reference);
    await step.write(Object.fromEntries(keys.map((key, index) => [key, values[index] as Float32Array])));
    const { batch, seed, latent } = reference;
    for (const expected of reference.fakes[params.fakes].metrics) {
      const { noise, images, labels } = referenceBatch(seed, expected.iteration, batch, latent);
      const found = await step.run({
        images: { shape: [batch, 32, 32, 3], values: images },
        labels: { shape: [batch], values: Uint8Array.from(labels) },
        z: { shape: [batch, latent], values: noise },
        seed: { shape: [2], values: Int32Array.of(expected.iteration, 0) },
        learningRate: scalarInput(params.learningRate),
        discriminatorLearningRate: scalarInput(params.learningRate),
        ...settingInputs(settings, expected.iteration),
      });
      for (const name of ['d_loss_real', 'd_loss_fake', 'd_loss', 'd_accuracy', 'g_loss'] as const)
        expect(distance(found[name]?.[0] as number, expected[name])).toBeLessThan(2e-4);
    }
    await step.dispose();
  }, 120_000);
});
