/**
 * Differentiable augmentation (Zhao et al. 2020): images are changed at random before a network sees them. A discriminator sees
 * real and generated ones alike, and the generator's gradient passes through the change.
 */
import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../core/artifacts.ts';
import type { TensorFlow, TensorFlowNamespace } from '../core/tensorflow.ts';

/** Names of the augmentations, as written in a pipeline. */
export const AUGMENTATIONS = ['flip', 'translation', 'cutout', 'color'] as const;
export type Augmentation = (typeof AUGMENTATIONS)[number];

interface Augmenter {
  /** Random numbers for each image. */
  readonly draws: number;
  /** True for one that takes images in [-1, 1]. */
  readonly inPixelRange?: boolean;
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

/** Whole pixels of a share of a side. */
const pixelsOf = (size: number, share: number): number => Math.floor(size * share + 0.5);

/** True where translation can move images along a side of this size. */
export const isMoved = (size: number): boolean => pixelsOf(size, LARGEST_SHIFT) > 0;

/** True where a cut takes all of a side of this size. */
export const isCutOut = (size: number): boolean => pixelsOf(size, CUT_OUT) === size;

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
  const length = pixelsOf(size, CUT_OUT);
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
      const [rows, columns] = [pixelsOf(height, LARGEST_SHIFT), pixelsOf(width, LARGEST_SHIFT)];
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
    inPixelRange: true,
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
 * @param images `[B, H, W, C] float32` in the range of `transform`, whose zeros translation and cutout put in
 * @param transform From bytes to the numbers of the images
 * @param uniform Random numbers `[B, draws]` in `[0, 1)` for augmentation number `index`
 */
export function augmented(
  tf: TensorFlowNamespace,
  kinds: readonly Augmentation[],
  { images, transform }: { readonly images: Tf.Tensor; readonly transform: Transform },
  uniform: (index: number, draws: number) => Tf.Tensor,
): Tf.Tensor {
  return kinds.reduce((current, kind, index) => {
    const { draws, inPixelRange = false, apply } = augmenters[kind];
    const columns = tf.split(uniform(index, draws), draws, 1).map(column => column.reshape([-1, 1, 1, 1]));
    const change = (given: Tf.Tensor) => apply(tf, given, columns);
    return inPixelRange ? changedInPixelRange(tf, current, transform, change) : change(current);
  }, images);
}

/** Largest rounding of a transform to [-1, 1]. */
const ROUNDING = 1e-9;

/** Images as numbers in [-1, 1], changed, and back in the range of their transform. */
function changedInPixelRange(
  tf: TensorFlowNamespace,
  images: Tf.Tensor,
  { scale, offset }: Transform,
  change: (images: Tf.Tensor) => Tf.Tensor,
): Tf.Tensor {
  // number = pixel · factors + terms, by channel
  const factors = scale.map(each => each * 127.5);
  const terms = offset.map((each, channel) => each + (factors[channel] as number));
  const isThere = factors.every(factor => Math.abs(factor - 1) < ROUNDING);
  if (isThere && terms.every(term => Math.abs(term) < ROUNDING)) return change(images);
  const [multiplied, added] = [tf.tensor1d(factors), tf.tensor1d(terms)];
  return change(images.sub(added).div(multiplied)).mul(multiplied).add(added);
}

/** Random numbers `[B, draws]` of a pass by their number, a function of its seed `[2] int32`. Layers' seeds are counted from 0 up. */
export const randomNumbers =
  ({ tf, ops }: TensorFlow, seed: Tf.Tensor, batch: number) =>
  (index: number, draws: number): Tf.Tensor =>
    ops.randomUniform([batch, draws], seed.add(tf.tensor1d([-1 - index, 0], 'int32')));
