import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StateValues, TensorFlow } from '../../src/core/tensorflow.ts';
import { adam } from '../../src/training/optimizers/adam.ts';
import {
  loadReference,
  type Reference,
  type ReferenceSummary,
  type ReferenceWeightSummary,
} from '../rig/reference.ts';
import { referenceGan, referenceInputs, type ReferenceGan } from '../rig/reference-gan.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

/**
 * One iteration, and ten, beside an independent implementation: Keras 3 in float64 from the same weights, noise and images.
 * See tests/fixtures/reference/README.md for what can be compared how closely.
 */
let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow();
});

const models = ['dcgan', 'cgan'] as const;
const variants = ['inference', 'shared'] as const;
const cases = models.flatMap(model => variants.map(fakes => ({ model, fakes })));

/** The keys of trainable tensors that can be compared, with their number among the trainable ones. */
function comparable(reference: Reference, { keys }: ReferenceGan) {
  return reference.tensors
    .map((tensor, index) => ({ tensor, key: keys[index] as string }))
    .filter(({ tensor }) => tensor.trainable)
    .map((entry, index) => ({ ...entry, index }))
    .filter(({ tensor }) => !tensor.cancelledByBatchNorm);
}

/** Elements at the reference's positions, to a ten-thousandth of the tensor's scale or a few float32 roundings. */
function expectGradient(values: Float32Array, summary: ReferenceSummary, positions: readonly number[]) {
  const scale = Math.max(...summary.samples.map(Math.abs));
  const allowed = Math.max(30 * summary.float32.max, 1e-4 * scale);
  positions.forEach((position, at) =>
    expect(Math.abs((values[position] as number) - (summary.samples[at] as number))).toBeLessThanOrEqual(
      allowed,
    ),
  );
  expect(Math.abs(norm(values) - summary.norm)).toBeLessThanOrEqual(
    Math.max(30 * summary.float32.norm, 1e-4 * summary.norm),
  );
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

describe.each(cases)('$model with fakes: $fakes', ({ model, fakes }) => {
  let reference: Reference;
  let gan: ReferenceGan;
  /** What each of ten iterations returned, and the state after the first and the last. */
  let losses: readonly StateValues[];
  const states = new Map<number, StateValues>();

  beforeAll(async () => {
    reference = await loadReference(model);
    gan = await referenceGan(tensorflow, reference, { fakes });
    const returned: StateValues[] = [];
    for (let iteration = 1; iteration <= 10; iteration++) {
      returned.push(await gan.step.run(referenceInputs(reference, iteration)));
      if (iteration === 1 || iteration === 10) states.set(iteration, await gan.step.read());
    }
    losses = returned;
    await gan.step.dispose();
  });

  afterAll(() => {
    states.clear();
  });

  test('the losses of the first iteration are those of Keras', () => {
    const expected = reference.fakes[fakes].metrics[0];
    for (const name of ['d_loss_real', 'd_loss_fake', 'd_loss', 'd_accuracy', 'g_loss'] as const)
      expect(losses[0]?.[name]?.[0]).toBeCloseTo(expected?.[name] as number, 4);
  });

  test('the gradients of its three steps are those of Keras', async () => {
    const expected = reference.fakes[fakes].gradients;
    // With β1 = 0, Adam's m is the last gradient; the first update is the same whatever β1.
    const discriminator = adam({ beta1: 0, beta2: 0.999, epsilon: 1e-7 });
    const withoutMomentum = await referenceGan(tensorflow, reference, { fakes, discriminator });
    await withoutMomentum.step.run(referenceInputs(reference, 1));
    const lastGradients = await withoutMomentum.step.read();
    await withoutMomentum.step.dispose();
    const moments = states.get(1) ?? {};

    const entries = comparable(reference, gan);
    const generatorCount = reference.tensors.filter(t => t.trainable && t.network === 'generator').length;
    for (const { tensor, key, index } of entries) {
      const m = moments[`adam/${key}/m`] as Float32Array;
      if (tensor.network === 'generator') {
        // One update: m = (1 - β1) g.
        expectGradient(
          m.map(value => 2 * value),
          expected.generator[index] as ReferenceSummary,
          tensor.positions,
        );
        continue;
      }
      const fake = lastGradients[`adam/${key}/m`] as Float32Array;
      // Two updates: m = (1 - β1) (β1 real + fake).
      const real = m.map((value, at) => 4 * value - 2 * (fake[at] as number));
      const at = index - generatorCount;
      expectGradient(fake, expected.discriminatorFake[at] as ReferenceSummary, tensor.positions);
      expectGradient(real, expected.discriminatorReal[at] as ReferenceSummary, tensor.positions);
    }
  });

  test('the losses of ten iterations are about as close as those of Keras in float32', () => {
    for (const [index, values] of losses.entries()) {
      const expected = reference.fakes[fakes].metrics[index];
      for (const name of ['d_loss_real', 'd_loss_fake', 'g_loss'] as const)
        expect(Math.abs((values[name]?.[0] as number) - (expected?.[name] as number))).toBeLessThanOrEqual(
          index === 0 ? 1e-4 : index <= 2 ? 2e-3 : 0.05,
        );
    }
  });

  test.each([1, 10] as const)(
    'the weights after %i iterations are those of Keras, or as close as in float32',
    iteration => {
      const state = states.get(iteration) ?? {};
      const expected = reference.fakes[fakes].after[iteration];
      reference.tensors.forEach((tensor, index) => {
        if (tensor.cancelledByBatchNorm) return;
        const summary = expected.weights[index] as ReferenceWeightSummary;
        const values = state[gan.keys[index] as string] as Float32Array;
        // Adam makes a full step even where a gradient is rounding noise, so single elements may differ by steps.
        expect(Math.abs(norm(values) - summary.norm)).toBeLessThanOrEqual(0.1 * summary.moved + 1e-6);
        const differences = tensor.positions.map((position, at) =>
          Math.abs((values[position] as number) - (summary.samples[at] as number)),
        );
        expect(median(differences)).toBeLessThanOrEqual(iteration === 1 ? 2e-5 : 1e-3);
      });
    },
  );
});
