import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { classificationLoss } from '../../../src/training/classifier/loss.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { readFixture } from './fixtures.ts';

interface Case {
  readonly name: string;
  readonly logits: number[][];
  readonly targets: number[][];
  readonly labelSmoothing: number;
  readonly classWeights?: readonly number[];
  readonly loss: number;
  readonly gradient: readonly (readonly number[])[];
}

/** Made by bench/reference/make_classifier_losses.py with Keras. */
const { cases } = readFixture('classifier/losses') as { readonly cases: readonly Case[] };

describe.each([undefined, 'javascript'] as const)('on the backend %s', backend => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  test.each(cases)('the loss of $name labels and its gradient are those of Keras', one => {
    const { tf } = tensorflow;
    tf.tidy(() => {
      const targets = tf.tensor2d(one.targets);
      const { value, grad } = tf.valueAndGrad((logits: Tf.Tensor) =>
        classificationLoss(tf, logits, targets, one),
      )(tf.tensor2d(one.logits));
      expect(value.dataSync()[0]).toBeCloseTo(one.loss, 5);
      const gradient = grad.dataSync();
      for (const [index, expected] of one.gradient.flat().entries())
        expect(Math.abs((gradient[index] as number) - expected)).toBeLessThan(2e-7);
    });
  });

  test('without smoothing and weights, the loss has no operation more', () => {
    const { tf } = tensorflow;
    tf.tidy(() => {
      const [logits, targets] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[0, 1]])];
      const tensors = (settings: object) => {
        const before = tf.memory().numTensors;
        classificationLoss(tf, logits, targets, settings);
        return tf.memory().numTensors - before;
      };
      expect(tensors({ labelSmoothing: 0 })).toBeLessThan(tensors({ labelSmoothing: 0.1 }));
      expect(tensors({})).toBe(tensors({ labelSmoothing: 0 }));
    });
  });
});
