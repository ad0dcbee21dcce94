/** Penalties on the gradient of the discriminator's logits with respect to its images. */
import type * as Tf from '@tensorflow/tfjs';

/** Names of the penalties, as written in a pipeline. */
export const PENALTIES = ['r1', 'wgan-gp'] as const;

export interface GradientPenalty {
  readonly kind: (typeof PENALTIES)[number];
  readonly weight: number;
  /** Iterations from one penalty to the next. The weight is multiplied by it (Karras et al. 2020, appendix B). */
  readonly every: number;
}

/** The weight of the penalty in an iteration, counted from 1; undefined where there is none. */
export const penaltyWeight = ({ weight, every }: GradientPenalty, iteration: number): number | undefined =>
  (iteration - 1) % every === 0 ? weight * every : undefined;

/** Added under the root: it has no gradient at 0. */
const TINY = 1e-12;

/** The squared norm `[B]` of a gradient `[B, H, W, C]`. */
const squaredNorm = (gradient: Tf.Tensor): Tf.Tensor => gradient.square().sum([1, 2, 3]);

/** Half the mean of the squared norm, on real images (Mescheder et al. 2018, equation 9). */
export const r1Penalty = (gradient: Tf.Tensor): Tf.Scalar => squaredNorm(gradient).mean<Tf.Scalar>().div(2);

/** The mean squared distance of the norm from 1, on images between real and generated ones (Gulrajani et al. 2017, equation 3). */
export const wganPenalty = (gradient: Tf.Tensor): Tf.Scalar =>
  squaredNorm(gradient).add(TINY).sqrt().sub(1).square().mean<Tf.Scalar>();

/** Images between real and generated ones. @param place Of each image, `[B, 1, 1, 1]` in `[0, 1)`: 0 is the generated one. */
export const between = (real: Tf.Tensor, fake: Tf.Tensor, place: Tf.Tensor): Tf.Tensor =>
  fake.add(real.sub(fake).mul(place));
