import type { Random } from '../../core/random.ts';

/**
 * Standard normal noise for one image, `[latentDim] float32`. With `truncation`, numbers beyond ± truncation are drawn again
 * (the truncation trick; Brock et al. 2019, section 3.1).
 */
export const drawNoise = (
  random: Random,
  latentDim: number,
  truncation: number | undefined = Infinity,
): Float32Array => Float32Array.from({ length: latentDim }, () => normalWithin(random, truncation));

function normalWithin(random: Random, limit: number): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= limit) return value;
  }
}

/** Sine of an angle below which two noises have no arc between them. */
const NO_ARC = 1e-6;

/**
 * Spherical interpolation between two noises (Shoemake 1985; White 2016, section 2): the points on the way are as long as normal
 * noise is, which those of a straight line are not. Noises on one line through the origin are interpolated linearly.
 *
 * @param share 0 for the first noise, 1 for the second
 */
export function slerp(from: Float32Array, to: Float32Array, share: number): Float32Array {
  const [product, lengths] = [dot(from, to), Math.sqrt(dot(from, from) * dot(to, to))];
  const angle = Math.acos(Math.min(1, Math.max(-1, product / lengths)));
  const sine = Math.sin(angle);
  const [first, second] =
    sine > NO_ARC
      ? [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine]
      : [1 - share, share];
  return from.map((value, at) => first * value + second * (to[at] as number));
}

const dot = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, at) => sum + value * (other[at] as number), 0);
