import type { Column } from './series.ts';

/**
 * Moving average of columns, weighted by their points; weights fall linearly from a column to the ones `reach` steps away. Columns
 * without a value separate what is averaged.
 */
export function smoothed(columns: readonly Column[], reach: number): readonly Column[] {
  return segmentsOf(columns).flatMap(segment => smoothSegment(segment, reach));
}

/** Runs of columns that have values. */
export function segmentsOf(columns: readonly Column[]): readonly (readonly Column[])[] {
  const segments: Column[][] = [[]];
  for (const column of columns)
    if (column.count === 0) segments.push([]);
    else segments.at(-1)?.push(column);
  return segments.filter(segment => segment.length > 0);
}

function smoothSegment(segment: readonly Column[], reach: number): readonly Column[] {
  let first = 0;
  return segment.map(column => {
    while ((segment[first]?.step ?? Infinity) <= column.step - reach) first++;
    let [weights, mean] = [0, 0];
    for (let at = first; at < segment.length; at++) {
      const { step, count, mean: value } = segment[at] as Column;
      if (step >= column.step + reach) break;
      const weight = count * (1 - Math.abs(step - column.step) / reach);
      weights += weight;
      mean += ((value - mean) * weight) / weights;
    }
    return { ...column, mean };
  });
}
