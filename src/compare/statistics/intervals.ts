import type { Interval } from '../../core/interval.ts';
import { criticalValue } from './student-t.ts';

/** A mean, or a difference of means, with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

/** The mean of a sample, from two values on by Student's t. @param values At least two. */
export const meanEstimate = (values: readonly number[]): Estimate =>
  estimate(meanOf(values), Math.sqrt(varianceOf(values) / values.length), values.length - 1);

/**
 * The mean of `second - first`, pair by pair: what pairs share, such as a seed, cancels.
 * @param first As many values as `second`, at least two.
 */
export const pairedDifference = (first: readonly number[], second: readonly number[]): Estimate =>
  meanEstimate(second.map((value, index) => value - (first[index] as number)));

/**
 * The difference of two samples' means, `second - first`, without assuming equal variances (Welch 1947, degrees of freedom by
 * Satterthwaite).
 * @param first At least two values, as `second`.
 */
export function welchDifference(first: readonly number[], second: readonly number[]): Estimate {
  const [a, b] = [first, second].map(values => varianceOf(values) / values.length) as [number, number];
  const dof = (a + b) ** 2 / (a ** 2 / (first.length - 1) + b ** 2 / (second.length - 1));
  return estimate(meanOf(second) - meanOf(first), Math.sqrt(a + b), dof);
}

/** @param dof Irrelevant where the error is 0, and then not a number in Welch's case. */
function estimate(value: number, standardError: number, dof: number): Estimate {
  const half = standardError === 0 ? 0 : criticalValue(dof) * standardError;
  return { value, interval: [value - half, value + half] };
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of a sample, around its own mean. */
function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
