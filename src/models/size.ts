/** A known size, or a symbolic one that depends on data not read yet. */
export type Size = number | SymbolicSize;

/** `factor` times the product of named sizes: `height / 2` is `{ factor: 0.5, of: ['height'] }`; NaN for an unknown size. */
export interface SymbolicSize {
  readonly factor: number;
  /** In alphabetical order. */
  readonly of: readonly string[];
}

export const UNKNOWN: SymbolicSize = { factor: NaN, of: [] };

export const named = (name: string): SymbolicSize => ({ factor: 1, of: [name] });

export const isKnown = (size: Size): size is number => typeof size === 'number';

export function times(left: Size, right: Size): Size {
  if (isKnown(left) && isKnown(right)) return left * right;
  const [one, other] = [asSymbolic(left), asSymbolic(right)];
  return { factor: one.factor * other.factor, of: [...one.of, ...other.of].sort() };
}

export function divide(left: Size, right: Size): Size {
  if (!isKnown(right)) return UNKNOWN;
  return isKnown(left) ? left / right : { ...left, factor: left.factor / right };
}

export function plus(left: Size, right: Size): Size {
  return isKnown(left) && isKnown(right) ? left + right : UNKNOWN;
}

export function minus(size: Size, less: number): Size {
  if (less === 0) return size;
  return isKnown(size) ? size - less : UNKNOWN;
}

/** Quotient rounded up, as in convolutions and pooling. */
export function dividedUp(size: Size, by: number): Size {
  if (isKnown(size)) return Math.ceil(size / by);
  return by === 1 ? size : UNKNOWN;
}

/** True for sizes that are equal whatever the data; undefined where that depends on it. */
export function isSame(left: Size, right: Size): boolean | undefined {
  if (isKnown(left) && isKnown(right)) return left === right;
  const [one, other] = [asSymbolic(left), asSymbolic(right)];
  if (Number.isNaN(one.factor) || Number.isNaN(other.factor)) return undefined;
  if (one.of.join() !== other.of.join()) return undefined;
  return Math.abs(one.factor / other.factor - 1) < 1e-9;
}

/** Quotient of two sizes, where it is one of a few whole numbers whatever the data. */
export const wholeRatio = (size: Size, by: Size): number | undefined =>
  [1, 2, 3, 4, 8, 16, 32].find(factor => isSame(times(by, factor), size) === true);

/** `16`, `height / 2`, `8 × height × width`, or `?`. */
export function formatSize(size: Size): string {
  if (isKnown(size)) return String(size);
  const { factor, of } = size;
  if (Number.isNaN(factor)) return '?';
  const names = of.join(' × ');
  if (factor === 1) return names;
  return Number.isInteger(1 / factor) ? `${names} / ${1 / factor}` : `${factor} × ${names}`;
}

const asSymbolic = (size: Size): SymbolicSize => (isKnown(size) ? { factor: size, of: [] } : size);
