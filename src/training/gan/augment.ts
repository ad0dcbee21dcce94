/**
 * Differentiable augmentation (Zhao et al. 2020): what the discriminator sees, real or generated, is changed at random, and the
 * generator's gradient passes through the change.
 */
import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlow, TensorFlowNamespace } from '../../core/tensorflow.ts';

/** Names of the augmentations, as written in a pipeline. */
export const AUGMENTATIONS = ['flip', 'translation', 'cutout', 'color'] as const;
export type Augmentation = (typeof AUGMENTATIONS)[number];

interface Augmenter {
  /** Random numbers for each image. */
  readonly draws: number;
  /**
   * @param images `[B, H, W, C] float32`
   * @param random As many tensors `[B, 1, 1, 1]` as `draws` says, uniform in `[0, 1)`
   */
  readonly apply: (tf: TensorFlowNamespace, images: Tf.Tensor, random: readonly Tf.Tensor[]) => Tf.Tensor;
}

/** Images moved by up to an eighth of their size. */
const LARGEST_SHIFT = 0.125;
/** Side of the square that is cut out, as a share of the image's. */
const CUT_OUT = 0.5;

const range = (tf: TensorFlowNamespace, length: number): Tf.Tensor =>
  tf.tensor1d(Array.from({ length }, (_, index) => index));

/** `[B, size, size]`: each row picks the pixel that lies `shift [B, 1, 1, 1]` further, or none outside of the image. */
function shiftMatrix(tf: TensorFlowNamespace, size: number, shift: Tf.Tensor): Tf.Tensor {
  const distance = range(tf, size)
    .reshape([1, 1, size])
    .sub(range(tf, size).reshape([1, size, 1]));
  return tf.cast(distance.equal(shift.reshape([-1, 1, 1])), 'float32');
}

/** A whole number in `[-most, most]`, each as likely. */
const shiftOf = (random: Tf.Tensor, most: number): Tf.Tensor =>
  random
    .mul(2 * most + 1)
    .floor()
    .sub(most);

/** `[B, size]`: 1 within the cut, 0 outside of it. */
function cutRange(tf: TensorFlowNamespace, size: number, random: Tf.Tensor): Tf.Tensor {
  const length = Math.floor(size * CUT_OUT + 0.5);
  const places = size + 1 - (length % 2);
  const first = random
    .mul(places)
    .floor()
    .sub(Math.floor(length / 2))
    .reshape([-1, 1]);
  const from = range(tf, size).reshape([1, size]).sub(first);
  return tf.cast(from.greaterEqual(0), 'float32').mul(tf.cast(from.less(length), 'float32'));
}

const augmenters: Readonly<Record<Augmentation, Augmenter>> = {
  flip: {
    draws: 1,
    apply: (tf, images, [random]) => {
      const isFlipped = tf.cast((random as Tf.Tensor).less(0.5), 'float32');
      return images.add(images.reverse(2).sub(images).mul(isFlipped));
    },
  },
  translation: {
    draws: 2,
    apply: (tf, images, [down, across]) => {
      const [batch, height, width, channels] = images.shape as [number, number, number, number];
      const [rows, columns] = [height, width].map(size => Math.floor(size * LARGEST_SHIFT + 0.5)) as [
        number,
        number,
      ];
      const vertical = shiftMatrix(tf, height, shiftOf(down as Tf.Tensor, rows));
      const horizontal = shiftMatrix(tf, width, shiftOf(across as Tf.Tensor, columns));
      const moved = tf.matMul(vertical, images.reshape([batch, height, width * channels]));
      // The width comes first, so that one product moves all rows and channels of an image.
      const turned = moved.reshape([batch, height, width, channels]).transpose([0, 2, 1, 3]);
      const both = tf.matMul(horizontal, turned.reshape([batch, width, height * channels]));
      return both.reshape([batch, width, height, channels]).transpose([0, 2, 1, 3]);
    },
  },
  cutout: {
    draws: 2,
    apply: (tf, images, [down, across]) => {
      const [, height, width] = images.shape as [number, number, number, number];
      const rows = cutRange(tf, height, down as Tf.Tensor).reshape([-1, height, 1, 1]);
      const columns = cutRange(tf, width, across as Tf.Tensor).reshape([-1, 1, width, 1]);
      return images.mul(tf.scalar(1).sub(rows.mul(columns)));
    },
  },
  color: {
    draws: 3,
    apply: (_tf, images, [brightness, saturation, contrast]) => {
      const brighter = images.add((brightness as Tf.Tensor).sub(0.5));
      const grey = brighter.mean(3, true);
      const saturated = brighter
        .sub(grey)
        .mul((saturation as Tf.Tensor).mul(2))
        .add(grey);
      const mean = saturated.mean([1, 2, 3], true);
      return saturated
        .sub(mean)
        .mul((contrast as Tf.Tensor).add(0.5))
        .add(mean);
    },
  },
};

/**
 * Images after augmentations, in the order in which they are listed.
 * @param images `[B, H, W, C] float32`
 * @param uniform Random numbers `[B, draws]` in `[0, 1)` for augmentation number `index`
 */
export function augmented(
  tf: TensorFlowNamespace,
  kinds: readonly Augmentation[],
  images: Tf.Tensor,
  uniform: (index: number, draws: number) => Tf.Tensor,
): Tf.Tensor {
  return kinds.reduce((current, kind, index) => {
    const { draws, apply } = augmenters[kind];
    const columns = tf.split(uniform(index, draws), draws, 1).map(column => column.reshape([-1, 1, 1, 1]));
    return apply(tf, current, columns);
  }, images);
}

/** Random numbers `[B, draws]` of a pass by their number, a function of its seed `[2] int32`. Layers' seeds are counted from 0 up. */
export const randomNumbers =
  ({ tf, ops }: TensorFlow, seed: Tf.Tensor, batch: number) =>
  (index: number, draws: number): Tf.Tensor =>
    ops.randomUniform([batch, draws], seed.add(tf.tensor1d([-1 - index, 0], 'int32')));
