import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';
import { binaryCrossEntropy } from '../losses.ts';

/** A mean `[]` over the discriminator's logits `[B, 1]`. */
export type LossOfLogits = (tf: TensorFlowNamespace, logits: Tf.Tensor) => Tf.Scalar;

/** What the networks of a GAN minimise. */
export interface GanLoss {
  /** The discriminator's loss on real images. */
  readonly real: LossOfLogits;
  /** The discriminator's loss on generated images. */
  readonly fake: LossOfLogits;
  /** The generator's loss, on logits of the images that it generates. */
  readonly generator: LossOfLogits;
}

/** Binary cross-entropy with the non-saturating loss of the generator (Goodfellow et al. 2014, section 3). */
export const bce: GanLoss = {
  real: (tf, logits) => binaryCrossEntropy(tf, logits, 1),
  fake: (tf, logits) => binaryCrossEntropy(tf, logits, 0),
  generator: (tf, logits) => binaryCrossEntropy(tf, logits, 1),
};
