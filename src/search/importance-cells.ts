import type { Observation } from './asked.ts';
import { choiceIndex, levelCount } from './scale.ts';
import type { Dimension, Range } from './space.ts';

/** Most cells into which a range is divided. */
const CELLS = 50;

/** How many points have their value in each part of a dimension. */
export interface Cells {
  /** Whether neighbouring parts are alike, as those of a range are. */
  readonly ordered: boolean;
  readonly counts: readonly number[];
}

/** Counts points by the values of a choice, or by equal parts of a range's scale. */
export function pointsPerCell(dimension: Dimension, observations: readonly Observation[]): Cells {
  const values = observations.map(({ point }) => point[dimension.name]);
  if (dimension.kind === 'choice') {
    const indices = values.map(value => choiceIndex(dimension, value));
    return { ordered: false, counts: countsOf(indices, dimension.values.length) };
  }
  const cells = cellCount(dimension);
  const onScale = (value: number) => (dimension.log ? Math.log(value) : value);
  const [low, high] = [onScale(dimension.low), onScale(dimension.high)];
  const indices = values.map(value => {
    // The first and the last cell are half as wide as the others; what is between two belongs to the lower one.
    const at = Math.ceil(((onScale(value as number) - low) / (high - low)) * (cells - 1) - 0.5);
    return Math.min(cells - 1, Math.max(0, at));
  });
  return { ordered: true, counts: countsOf(indices, cells) };
}

function cellCount(range: Range): number {
  const levels = levelCount(range);
  return Math.min(CELLS, range.log && levels < Infinity ? Math.ceil(Math.log2(levels)) + 1 : levels);
}

function countsOf(indices: readonly number[], cells: number): readonly number[] {
  const counts = Array<number>(cells).fill(0);
  for (const index of indices) counts[index] = (counts[index] ?? 0) + 1;
  return counts;
}
