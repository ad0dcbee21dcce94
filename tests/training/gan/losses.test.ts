import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { ganLoss, GAN_LOSSES, type GanLoss } from '../../../src/training/gan/losses.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';

type Part = 'real' | 'fake' | 'generator';

/** Made by bench/reference/make_gan_losses.py. */
const reference = JSON.parse(
  readFileSync(new URL('../../fixtures/gan-training/losses.json', import.meta.url), 'utf8'),
) as {
  readonly logits: readonly number[];
  readonly losses: Readonly<
    Record<string, Readonly<Record<Part, { value: number; gradient: readonly number[] }>>>
  >;
};

const losses: readonly (readonly [string, GanLoss])[] = [
  ...GAN_LOSSES.map(name => [name, ganLoss(name)] as const),
  ['bce, labels smoothed by 0.1', ganLoss('bce', 0.1)],
];

describe.each([undefined, 'javascript'] as const)('on the backend %s', backend => {
  test.each(losses)('%s and its gradients are those of PyTorch', async (name, loss) => {
    const { tf }: TensorFlow = await testTensorFlow(backend);
    const expected = reference.losses[name];
    expect(expected).toBeDefined();
    tf.tidy(() => {
      const logits = tf.tensor2d([...reference.logits], [reference.logits.length, 1]);
      for (const part of ['real', 'fake', 'generator'] as const) {
        const { value, grad } = tf.valueAndGrad(x => loss[part](tf, x))(logits);
        expect(value.dataSync()[0]).toBeCloseTo(expected?.[part].value ?? NaN, 6);
        grad.dataSync().forEach((each, index) => {
          expect(each).toBeCloseTo(expected?.[part].gradient[index] ?? NaN, 6);
        });
      }
    });
  });
});

test('label smoothing belongs to bce alone', () => {
  expect(ganLoss('hinge', 0.1)).toBe(ganLoss('hinge'));
  expect(ganLoss('bce', 0)).toBe(ganLoss('bce'));
});
