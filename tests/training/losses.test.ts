import { beforeAll, expect, test } from 'vitest';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import {
  accuracy,
  binaryCrossEntropy,
  meanSquaredError,
  softmaxCrossEntropy,
} from '../../src/training/losses.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

let tensorflow: TensorFlow;
beforeAll(async () => {
  tensorflow = await testTensorFlow('javascript');
});

test('losses are those of TensorFlow.js', () => {
  const { tf } = tensorflow;
  tf.tidy(() => {
    const logits = tf.tensor2d([
      [1, -2, 0.5],
      [3, 0, -1],
    ]);
    const labels = tf.tensor1d([2, 0], 'int32');
    const oneHot = tf.cast(tf.oneHot(labels, 3), 'float32');
    const close = (ours: { dataSync(): ArrayLike<number> }, theirs: { dataSync(): ArrayLike<number> }) =>
      expect(ours.dataSync()[0]).toBeCloseTo(theirs.dataSync()[0] as number, 5);
    close(softmaxCrossEntropy(logits, oneHot), tf.losses.softmaxCrossEntropy(oneHot, logits));
    close(meanSquaredError(logits, oneHot), tf.losses.meanSquaredError(oneHot, logits));
    for (const target of [0, 1] as const)
      close(
        binaryCrossEntropy(tf, logits, target),
        tf.losses.sigmoidCrossEntropy(tf.fill([2, 3], target), logits),
      );
    expect(accuracy(tf, logits, labels).dataSync()[0]).toBe(0.5);
  });
});

test('a mean squared error of two shapes is refused, where TensorFlow.js would repeat the smaller one', () => {
  const { tf } = tensorflow;
  expect(() => tf.tidy(() => meanSquaredError(tf.zeros([4, 1]), tf.zeros([4])))).toThrow(
    'a mean squared error of [4, 1] and [4]',
  );
});
