/** The plot of a panel: axes, grid and curves. */
import { stepAxis, unionOf, valueAxis, type Axis, type Extent } from './axes.ts';
import { curveOf, drawnExtent, isPositive, wholeExtent, type Curve } from './curve.ts';
import { bandMarks, lineMarks, type Plot } from './marks.ts';
import type { Panel } from './panels.ts';
import { element, moved, textElement } from './svg.ts';
import { textWidth } from './words.ts';

/** Pixels for the labels of values, at least. */
const GUTTER = 46;
const LABEL_SIZE = 11;
/** Pixels between the labels of values and the plot. */
const LABEL_GAP = 8;
/** Pixels for the labels of steps, and for their unit. */
const FOOT = 34;

/** Each point is marked in a panel whose lines have so few. */
const MOST_DOTS = 40;

export interface Size {
  readonly width: number;
  /** Of the plot, without the labels of steps. */
  readonly height: number;
}

/** The extent of the steps of several panels. */
export const stepsOf = (panels: readonly Panel[]): Extent | undefined =>
  unionOf(
    panels.flatMap(({ lines }) =>
      lines.flatMap(({ series }) => series.columns().map(({ step }): Extent => [step, step])),
    ),
  );

export const plotHeight = ({ height }: Size): number => height + FOOT;

/** The rectangle outside of which no mark is drawn, as a clip path for all plots of a size. */
export const clipOf = ({ width, height }: Size): string =>
  element('clipPath', { id: 'plot' }, [
    element('rect', { x: -4, y: -4, width: width - GUTTER + 8, height: height + 8 }),
  ]);

/** The curves are returned for what is said of them elsewhere. */
export function plotOf(
  panel: Panel,
  extent: Extent,
  { width, height }: Size,
): { readonly elements: readonly string[]; readonly curves: readonly Curve[] } {
  const curves = panel.lines.map(line => curveOf(line, extent));
  const [drawn, all] = [drawnExtent(curves), wholeExtent(curves)];
  const mayBeLog = isPositive(curves) && panel.lines.every(({ summary }) => summary.direction !== 'max');
  const values = valueAxis({ drawn: drawn ?? [0, 1], all: all ?? [0, 1], mayBeLog }, height);
  const gutter = gutterOf(values);
  const steps = stepAxis(extent, width - gutter);
  const hasDots = curves.every(({ columns }) => columns.length <= MOST_DOTS);
  const plot: Plot = { steps, values, height, hasDots };
  const marks = [
    ...curves.flatMap(curve => bandMarks(curve, plot)),
    ...curves.flatMap(curve => lineMarks(curve, plot)),
  ];
  const elements = [
    ...grid(values, width - gutter),
    ...stepLabels(steps, panel.stepUnit, { width: width - gutter, height }),
    element('g', { 'clip-path': 'url(#plot)' }, marks),
  ];
  return { elements: [moved(gutter, 0, elements)], curves };
}

const gutterOf = ({ ticks }: Axis): number =>
  Math.max(GUTTER, ...ticks.map(({ text }) => textWidth(text, LABEL_SIZE) + LABEL_GAP));

const grid = ({ ticks }: Axis, width: number): readonly string[] =>
  ticks.flatMap(({ at, text }) => [
    element('path', { class: 'grid', d: `M0,${at.toFixed(1)}H${width}` }),
    textElement('text', { class: 'muted small end', x: -LABEL_GAP, y: at + 4 }, text),
  ]);

function stepLabels({ ticks }: Axis, unit: string, { width, height }: Size): readonly string[] {
  return [
    element('path', { class: 'axis', d: `M0,${height + 0.5}H${width}` }),
    ...ticks.flatMap(({ at, text }) => [
      element('path', { class: 'axis', d: `M${at.toFixed(1)},${height}v4` }),
      textElement('text', { class: `muted small ${anchor(at, width)}`, x: at, y: height + 16 }, text),
    ]),
    textElement('text', { class: 'muted small end', x: width, y: height + 30 }, unit),
  ];
}

/** Labels at an edge lie within the plot's width. */
const anchor = (at: number, width: number): string => (at > width - 16 ? 'end' : 'middle');
