/** The marks of a curve in its plot. */
import { area, line as lineThrough } from 'd3-shape';
import type { Axis } from './axes.ts';
import { rangeOf, type Curve } from './curve.ts';
import type { Column } from './series.ts';
import { segmentsOf } from './smooth.ts';
import { element, moved, rounded } from './svg.ts';

export interface Plot {
  readonly steps: Axis;
  readonly values: Axis;
  readonly height: number;
  /** True where each point is marked. */
  readonly hasDots: boolean;
}

const DOT = 2;
const SINGLE_DOT = 3.5;

/** The band around a curve, which lies below all lines. */
export function bandMarks(curve: Curve, plot: Plot): readonly string[] {
  const { line, columns, band, isSmoothed } = curve;
  if (band === 'none' || isSingle(curve)) return [];
  const y = yOf(plot);
  const shape = area<Column>()
    .digits(1)
    .x(({ step }) => plot.steps.place(step))
    .y0(column => y(rangeOf(column, curve)[0]))
    .y1(column => y(rangeOf(column, curve)[1]));
  const path = segmentsOf(columns)
    .map(segment => shape([...segment]) ?? '')
    .join('');
  const rim =
    isSmoothed && band === 'values' ? [element('path', { class: `rim ${line.classes}`, d: path })] : [];
  const isInterval = band === 'intervals' ? 'interval ' : '';
  return [element('path', { class: `band ${isInterval}${line.classes}`, d: path }), ...rim];
}

export function lineMarks(curve: Curve, plot: Plot): readonly string[] {
  const { line, columns, drawn } = curve;
  const y = yOf(plot);
  const x = ({ step }: Column) => plot.steps.place(step);
  const through = lineThrough<Column>()
    .digits(1)
    .x(x)
    .y(({ mean }) => y(mean));
  const path = segmentsOf(withGaps(columns, drawn))
    .map(segment => through([...segment]) ?? '')
    .join('');
  const dots = plot.hasDots || isSingle(curve) ? drawn : [];
  const r = isSingle(curve) ? SINGLE_DOT : DOT;
  return [
    ...(isSingle(curve)
      ? whiskers(curve, plot)
      : [element('path', { class: `line ${line.classes}`, d: path })]),
    ...dots.map(column =>
      element('circle', { class: `dot ${line.classes}`, cx: x(column), cy: y(column.mean), r }),
    ),
    ...brokenMarks(curve, plot),
  ];
}

const isSingle = ({ columns }: Curve): boolean => columns.length === 1;

/** Places of values, not far outside of the plot: programs that show SVG compute with single precision. */
const yOf =
  ({ values, height }: Plot) =>
  (value: number): number =>
    Math.max(-height, Math.min(2 * height, values.place(value)));

/** The drawn columns, and those without a value between them. */
function withGaps(columns: readonly Column[], drawn: readonly Column[]): readonly Column[] {
  const rest = [...drawn].reverse();
  return columns.map(column => (column.count === 0 ? column : (rest.pop() ?? column)));
}

/** The interval of a single point. */
function whiskers(curve: Curve, plot: Plot): readonly string[] {
  const [column] = curve.drawn;
  if (column === undefined || curve.band === 'none') return [];
  const [low, high] = rangeOf(column, curve).map(yOf(plot)) as [number, number];
  const x = rounded(plot.steps.place(column.step));
  const d = `M${x},${rounded(low)}V${rounded(high)}`;
  return [element('path', { class: `whisker ${curve.line.classes}`, d })];
}

/** Pixels between the crosses of a line, at least. */
const CROSSES = 8;

/** Crosses at the lower edge, where values are not finite. */
function brokenMarks({ line, columns }: Curve, plot: Plot): readonly string[] {
  const places: number[] = [];
  for (const { step } of columns.filter(({ broken }) => broken > 0)) {
    const place = plot.steps.place(step);
    if (place - (places.at(-1) ?? -Infinity) >= CROSSES) places.push(place);
  }
  if (places.length === 0) return [];
  const d = places.map(place => `M${rounded(place - 2.5)},-2.5l5,5m0,-5l-5,5`).join('');
  return [moved(0, plot.height - 5, [element('path', { class: `broken ${line.classes}`, d })])];
}
