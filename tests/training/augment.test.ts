import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Transform } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { augmented, AUGMENTATIONS, randomNumbers, type Augmentation } from '../../src/training/augment.ts';
import { rangeTransform } from '../../src/data/transform.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

interface Case {
  readonly kind: Augmentation;
  readonly shape: [number, number, number, number];
  /** To [-1, 1] by default. */
  readonly transform?: Transform;
  /** Of each image. */
  readonly random: readonly (readonly number[])[];
  readonly images: readonly number[];
  readonly result: readonly number[];
  /** Of the sum of the result times numbers from -1 to 1. */
  readonly gradient: readonly number[];
}

type Tensor = Parameters<typeof augmented>[2]['images'];

const toSigned = (channels: number): Transform => rangeTransform(-1, 1, channels);

/** Made by bench/reference/make_augmentations.py. */
const { cases } = JSON.parse(
  readFileSync(new URL('../fixtures/augmentations.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Case[] };

describe.each([undefined, 'javascript'] as const)('on the backend %s', backend => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  test.each(cases)('$kind of images $shape and its gradient are those of the reference', one => {
    const { tf } = tensorflow;
    tf.tidy(() => {
      const { length } = one.images;
      const weights = tf.tensor4d(
        Array.from({ length }, (_, index) => (2 * index) / (length - 1) - 1),
        one.shape,
      );
      const random = tf.tensor2d(one.random.map(each => [...each]));
      const transform = one.transform ?? toSigned(one.shape[3]);
      const change = (images: Tensor) => augmented(tf, [one.kind], { images, transform }, () => random);
      const x = tf.tensor4d([...one.images], one.shape);
      const gradient = tf.grad(images => change(images).mul(weights).sum())(x);
      const close = (found: ArrayLike<number>, expected: readonly number[]) =>
        expected.forEach((value, index) => {
          expect(found[index]).toBeCloseTo(value, 5);
        });
      close(change(x).dataSync(), one.result);
      close(gradient.dataSync(), one.gradient);
    });
  });

  test('colours of images in [-1, 1] change without a detour over that range', () => {
    const { tf } = tensorflow;
    tf.tidy(() => {
      const images = tf.zeros([1, 2, 2, 3]);
      const operations = (transform: Transform) => {
        const before = tf.memory().numTensors;
        augmented(tf, ['color'], { images, transform }, () => tf.zeros([1, 3]));
        return tf.memory().numTensors - before;
      };
      expect(operations(rangeTransform(0, 1, 3))).toBe(operations(toSigned(3)) + 6);
    });
  });

  test('random numbers follow from the seed, and each augmentation has its own', () => {
    const { tf } = tensorflow;
    tf.tidy(() => {
      const numbers = (seed: number, index: number) =>
        randomNumbers(tensorflow, tf.tensor1d([seed, 0], 'int32'), 5)(index, 2).arraySync();
      expect(numbers(7, 0)).toEqual(numbers(7, 0));
      expect(numbers(7, 0)).not.toEqual(numbers(7, 1));
      expect(numbers(7, 0)).not.toEqual(numbers(8, 0));
    });
  });

  test('images are changed in the order in which augmentations are listed', () => {
    const { tf } = tensorflow;
    tf.tidy(() => {
      const x = tf.randomUniform([2, 8, 8, 3], -1, 1, 'float32', 3);
      const numbers = randomNumbers(tensorflow, tf.tensor1d([1, 2], 'int32'), 2);
      const transform = toSigned(3);
      const step = (kind: Augmentation, index: number, images: Tensor) =>
        augmented(tf, [kind], { images, transform }, (_index, draws) => numbers(index, draws));
      const apart = AUGMENTATIONS.reduce<Tensor>((images, kind, index) => step(kind, index, images), x);
      expect(augmented(tf, AUGMENTATIONS, { images: x, transform }, numbers).arraySync()).toEqual(
        apart.arraySync(),
      );
    });
  });
});
