import type { Score } from '../score.ts';

/** The 97.5 % quantile of the standard normal distribution. */
const NORMAL = 1.959963984540054;

/** Limits of a score: an interval never says what the score itself cannot be. */
export interface Limits {
  readonly low?: number;
  readonly high?: number;
}

/** A value with its standard error on both sides, 1.96 times. */
export function around(value: number, error: number, { low, high }: Limits = {}): Score {
  return {
    value,
    interval: [
      Math.max(low ?? -Infinity, value - NORMAL * error),
      Math.min(high ?? Infinity, value + NORMAL * error),
    ],
  };
}

/** A share of `count` cases with the score interval of Wilson (1927), which holds for shares of 0 and 1 as well. */
export function share(cases: number, count: number): Score {
  const value = cases / count;
  const squared = NORMAL * NORMAL;
  const centre = (cases + squared / 2) / (count + squared);
  const half = (NORMAL / (count + squared)) * Math.sqrt(count * value * (1 - value) + squared / 4);
  // Of a share of 0 or 1 rounding may put an end beyond the share itself.
  return {
    value,
    interval: [Math.max(0, Math.min(value, centre - half)), Math.min(1, Math.max(value, centre + half))],
  };
}

/** The mean of independent values, with the standard error of the mean: what a bootstrap of the values converges to. */
export function meanOf(values: ArrayLike<number>, limits?: Limits): Score {
  return around(mean(values), deviation(values) / Math.sqrt(values.length), limits);
}

/** The mean of few independent values, with the interval of Student's t. */
export function meanOfFew(values: ArrayLike<number>, limits?: Limits): Score {
  const error = deviation(values) / Math.sqrt(values.length);
  return around(mean(values), (error * student(values.length - 1)) / NORMAL, limits);
}

export const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** The standard deviation of a sample (N − 1); 0 of one value. */
export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  const squares = Array.from(values).reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** The 97.5 % quantile of Student's t, by its expansion in 1 / degrees (Abramowitz & Stegun 26.7.5): 2.26 for 9. */
function student(degrees: number): number {
  const z = NORMAL;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}
