/** mixup (Zhang et al. 2018): a network learns from mixtures of two examples, whose labels are mixed in the same shares. */
import type * as Tf from '@tensorflow/tfjs';
import type { Random } from '../../core/random.ts';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';

/** The share λ of a mixture's first example, from Beta(alpha, alpha). `alpha` is above 0; the smaller, the nearer to 0 or 1. */
export function drawMixingShare(random: Random, alpha: number): number {
  // λ = a / (a + b) for two gamma variates, by their logarithms: those of a small alpha are too small for float64.
  const difference = logGamma(random, alpha) - logGamma(random, alpha);
  return 1 / (1 + Math.exp(-difference));
}

/** The logarithm of a gamma variate of this shape: that of shape + 1, times a uniform number to the power of 1 / shape. */
const logGamma = (random: Random, shape: number): number =>
  Math.log(gammaAboveOne(random, shape + 1)) + Math.log(1 - random.uniform()) / shape;

/** A gamma variate of a shape of at least 1, by the method of Marsaglia & Tsang (2000). */
function gammaAboveOne(random: Random, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

interface Examples {
  /** `[B, …] float32` */
  readonly x: Tf.Tensor;
  /** One-hot labels `[B, classes] float32`, or numbers `[B, targets] float32`. */
  readonly targets: Tf.Tensor;
}

/**
 * Each example of a batch mixed with the one before it, the first one with the last.
 * @param share `[] float32`: λ, of the example itself
 */
export function mixed(tf: TensorFlowNamespace, { x, targets }: Examples, share: Tf.Tensor): Examples {
  const mix = (own: Tf.Tensor): Tf.Tensor => {
    const other = rolled(tf, own);
    return own.sub(other).mul(share).add(other);
  };
  return { x: mix(x), targets: mix(targets) };
}

function rolled(tf: TensorFlowNamespace, batch: Tf.Tensor): Tf.Tensor {
  const last = (batch.shape[0] ?? 0) - 1;
  return last === 0 ? batch : tf.concat([batch.slice(last, 1), batch.slice(0, last)], 0);
}
