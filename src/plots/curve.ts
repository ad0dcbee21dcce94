/** A line as it is drawn: smoothed where it is noisy, and what lies around it. */
import { unionOf, type Extent } from './axes.ts';
import type { Line } from './panels.ts';
import type { Column } from './series.ts';
import { segmentsOf, smoothed } from './smooth.ts';

export interface Curve {
  readonly line: Line;
  readonly columns: readonly Column[];
  /** The columns with the means that the line goes through. */
  readonly drawn: readonly Column[];
  readonly isSmoothed: boolean;
  /** Lowest and highest values around the line, or the intervals of its points. */
  readonly band: 'none' | 'values' | 'intervals';
}

/** A line of so many points is smoothed: below it, each of them is seen. */
const POINTS_TO_SMOOTH = 60;
/** Half the width of the moving average, as a share of the steps. */
const REACH = 1 / 60;

/** @param steps The extent of the panel's steps. */
export function curveOf(line: Line, steps: Extent): Curve {
  const columns = line.series.columns();
  const points = columns.reduce((sum, { count }) => sum + count, 0);
  const isSmoothed = points >= POINTS_TO_SMOOTH;
  const drawn = isSmoothed
    ? smoothed(columns, (steps[1] - steps[0]) * REACH || 1)
    : segmentsOf(columns).flat();
  const band = bandOf(columns, isSmoothed);
  return { line, columns, drawn, isSmoothed, band };
}

function bandOf(columns: readonly Column[], isSmoothed: boolean): Curve['band'] {
  if (columns.some(({ interval }) => interval !== undefined)) return 'intervals';
  return isSmoothed || columns.some(({ count }) => count > 1) ? 'values' : 'none';
}

/** The range of a column's band. */
export const rangeOf = ({ interval, low, high }: Column, { band }: Pick<Curve, 'band'>): Extent =>
  band === 'intervals' ? (interval ?? [low, high]) : [low, high];

/** The extent of the lines; undefined where there is no value. */
export const drawnExtent = (curves: readonly Curve[]): Extent | undefined =>
  unionOf(curves.flatMap(({ drawn }) => drawn.map(({ mean }): Extent => [mean, mean])));

/** Share of the columns whose values may lie outside of the plot on each side. */
const OUTLIERS = 0.05;
/** Outliers are left out where they would shrink the rest to less than this share of the height. */
const LEAST_SHARE = 1 / 3;

/** The extent of what lies around the lines, without rare outliers that would leave no room for the rest. */
export function wholeExtent(curves: readonly Curve[]): Extent | undefined {
  const drawn = drawnExtent(curves);
  const ranges = curves.flatMap(curve => curve.drawn.map(column => rangeOf(column, curve)));
  const all = unionOf(ranges);
  if (drawn === undefined || all === undefined) return undefined;
  const lows = ranges.map(([low]) => low).sort((a, b) => a - b);
  const highs = ranges.map(([, high]) => high).sort((a, b) => a - b);
  const skipped = Math.floor(ranges.length * OUTLIERS);
  const usual: Extent = [
    Math.min(lows[skipped] ?? all[0], drawn[0]),
    Math.max(highs[highs.length - 1 - skipped] ?? all[1], drawn[1]),
  ];
  return usual[1] - usual[0] < (all[1] - all[0]) * LEAST_SHARE ? usual : all;
}

/** True where a logarithm exists of all that is drawn. */
export const isPositive = (curves: readonly Curve[]): boolean =>
  curves.every(curve => curve.drawn.every(column => rangeOf(column, curve)[0] > 0 && column.mean > 0));
