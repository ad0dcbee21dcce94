import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';
import { binaryCrossEntropy } from '../losses.ts';

/** A mean `[]` over the discriminator's outputs `[B, 1]`, which are logits: no activation follows. */
export type LossOfLogits = (tf: TensorFlowNamespace, logits: Tf.Tensor) => Tf.Scalar;

/** What the networks of a GAN minimise. */
export interface GanLoss {
  /** The discriminator's loss on real images. */
  readonly real: LossOfLogits;
  /** The discriminator's loss on generated images. */
  readonly fake: LossOfLogits;
  /** The generator's loss, on logits of the images that it generates. */
  readonly generator: LossOfLogits;
  /**
   * Logits above it take their images for real. Undefined where only differences of logits mean anything: then it is the middle
   * between the means of real and generated images.
   */
  readonly boundary?: number;
}

/** Names of the losses, as written in a pipeline. */
export const GAN_LOSSES = ['bce', 'hinge', 'lsgan', 'wgan-gp'] as const;
export type GanLossName = (typeof GAN_LOSSES)[number];

/** Binary cross-entropy with the non-saturating loss of the generator (Goodfellow et al. 2014, section 3). */
export const bce: GanLoss = {
  real: (tf, logits) => binaryCrossEntropy(tf, logits, 1),
  fake: (tf, logits) => binaryCrossEntropy(tf, logits, 0),
  generator: (tf, logits) => binaryCrossEntropy(tf, logits, 1),
  boundary: 0,
};

/** One-sided label smoothing (Salimans et al. 2016, section 3.4): the target of real images is `1 - smoothing`. */
const smoothedBce = (smoothing: number): GanLoss => ({
  ...bce,
  real: (tf, logits) =>
    binaryCrossEntropy(tf, logits, 1)
      .mul(1 - smoothing)
      .add(binaryCrossEntropy(tf, logits, 0).mul(smoothing)),
});

/** Hinge loss (Lim & Ye 2017; Miyato et al. 2018, equations 16 and 17). */
const hinge: GanLoss = {
  real: (tf, logits) => tf.relu(tf.scalar(1).sub(logits)).mean<Tf.Scalar>(),
  fake: (tf, logits) => tf.relu(logits.add(1)).mean<Tf.Scalar>(),
  generator: (_tf, logits) => logits.mean<Tf.Scalar>().neg(),
  boundary: 0,
};

const halfSquaredDistance = (logits: Tf.Tensor, target: 0 | 1): Tf.Scalar =>
  logits.sub(target).square().mean<Tf.Scalar>().div(2);

/** Least squares with the targets 1 for real and 0 for generated images (Mao et al. 2017, equation 9). */
const lsgan: GanLoss = {
  real: (_tf, logits) => halfSquaredDistance(logits, 1),
  fake: (_tf, logits) => halfSquaredDistance(logits, 0),
  generator: (_tf, logits) => halfSquaredDistance(logits, 1),
  boundary: 0.5,
};

/** Wasserstein loss (Arjovsky et al. 2017), which needs a penalty on the gradient (Gulrajani et al. 2017, equation 3). */
const wasserstein: GanLoss = {
  real: (_tf, logits) => logits.mean<Tf.Scalar>().neg(),
  fake: (_tf, logits) => logits.mean<Tf.Scalar>(),
  generator: (_tf, logits) => logits.mean<Tf.Scalar>().neg(),
};

const losses: Readonly<Record<GanLossName, GanLoss>> = { bce, hinge, lsgan, 'wgan-gp': wasserstein };

/**
 * A loss by its name.
 * @param labelSmoothing Of `bce`; 0 for none. Other losses have none.
 */
export const ganLoss = (name: GanLossName, labelSmoothing = 0): GanLoss =>
  name === 'bce' && labelSmoothing > 0 ? smoothedBce(labelSmoothing) : losses[name];
