import type { Choice, Dimension, Range } from './space.ts';
import { sameValue } from './space.ts';

/** Significant digits that drawn values keep, of a range's width. */
const DIGITS = 7;

/** Distance of neighbouring values, undefined for a continuous range. */
const stepOf = ({ step, integer }: Range): number | undefined => step ?? (integer ? 1 : undefined);

/** Number of values of a dimension, Infinity for a continuous range. */
export function levelCount(dimension: Dimension): number {
  if (dimension.kind === 'choice') return dimension.values.length;
  const { low, high } = dimension;
  const step = stepOf(dimension);
  if (step === undefined) return low === high ? 1 : Infinity;
  // (0.9 - 0.6) / 0.1 is a little less than 3.
  return Math.floor((high - low) / step + 1e-9) + 1;
}

/** The value of this index, from 0. */
export function levelAt(dimension: Dimension, index: number): unknown {
  if (dimension.kind === 'choice') return dimension.values[index];
  const { low, high } = dimension;
  // 0.1 + 2 * 0.1 is 0.3 to a reader, and -0.3 + 3 * 0.1 is 0.
  return rounded(low + index * (stepOf(dimension) ?? 0), Math.max(Math.abs(low), Math.abs(high)), 15);
}

/** True for a value of a choice, or of a range with steps. */
export function hasLevel(dimension: Dimension, value: unknown): boolean {
  if (dimension.kind === 'choice') return choiceIndex(dimension, value) !== -1;
  if (typeof value !== 'number') return false;
  const index = Math.round((value - dimension.low) / (stepOf(dimension) ?? 1));
  return index >= 0 && index < levelCount(dimension) && sameValue(levelAt(dimension, index), value);
}

/** Index of a choice's value, -1 for what is none. */
export const choiceIndex = ({ values }: Choice, value: unknown): number =>
  values.findIndex(one => sameValue(one, value));

/**
 * The value at a number of the unit interval: choices and levels have parts of equal width, with `log` as wide as their cells
 * on a logarithmic scale. Continuous values have 7 digits, so that a last bit in which the logarithms of two engines differ is lost.
 */
export function fromUnit(dimension: Dimension, unit: number): unknown {
  if (dimension.kind === 'choice') {
    const { values } = dimension;
    return values[Math.min(values.length - 1, Math.floor(unit * values.length))];
  }
  const { lower, upper } = edges(dimension);
  const scaled = lower + unit * (upper - lower);
  const value = dimension.log ? Math.exp(scaled) : scaled;
  const step = stepOf(dimension);
  if (step === undefined) return clamp(shortened(dimension, value), dimension.low, dimension.high);
  const level = Math.round((value - dimension.low) / step);
  return levelAt(dimension, clamp(level, 0, levelCount(dimension) - 1));
}

/** The number of the unit interval at which a range has this value. */
export function toUnit(range: Range, value: number): number {
  const { lower, upper } = edges(range);
  return upper === lower
    ? 0.5
    : clamp(((range.log ? Math.log(value) : value) - lower) / (upper - lower), 0, 1);
}

/** The part of the unit interval that belongs to a value, undefined in a continuous range. */
export function cellOf(range: Range, value: number): readonly [number, number] | undefined {
  const step = stepOf(range);
  if (step === undefined) return undefined;
  return [toUnit(range, belowOf(range, value, step)), toUnit(range, value + step / 2)];
}

/** Ends of the scale, half a step beyond the first and the last value. */
function edges(range: Range): { readonly lower: number; readonly upper: number } {
  const step = stepOf(range);
  const [low, high] =
    step === undefined
      ? [range.low, range.high]
      : [belowOf(range, range.low, step), range.low + (levelCount(range) - 0.5) * step];
  return range.log ? { lower: Math.log(low), upper: Math.log(high) } : { lower: low, upper: high };
}

/** Half a step below a value; above zero on a logarithmic scale, whatever the step. */
const belowOf = ({ log }: Range, value: number, step: number): number =>
  log ? Math.max(value - step / 2, value / 2) : value - step / 2;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

function shortened({ log, low, high }: Range, value: number): number {
  return rounded(value, log ? Math.min(value, high - low) : high - low, DIGITS);
}

/** With so many digits of a number of this size; without the negative zero that JSON does not keep. */
function rounded(value: number, size: number, digits: number): number {
  const [, exponent = '0'] = size.toExponential().split('e');
  return Number(value.toFixed(clamp(digits - 1 - Number(exponent), 0, 100))) + 0;
}
