/** A figure: a head, panels in rows, and notes. */
import type { Extent } from './axes.ts';
import type { Curve } from './curve.ts';
import { headOf } from './head.ts';
import { rank, type Panel, type Panels } from './panels.ts';
import { clipOf, plotHeight, plotOf, stepsOf, type Size } from './plot.ts';
import type { PlottedExperiment } from './source.ts';
import { notesOf, type Part } from './notes.ts';
import { element, escaped, moved, textElement } from './svg.ts';
import { lineClasses, styleSheet } from './theme.ts';
import { fitted } from './words.ts';
import { describe } from './describe.ts';

/** By which a picture of pipe's is known. */
const CLASS = 'pipe-metrics';
export const PICTURE_START = `<svg class="${CLASS}"`;

const WIDTH = 800;
const MARGIN = 24;
const GAP = 36;
const ROW_GAP = 26;
const HEAD_GAP = 10;
const INNER = WIDTH - 2 * MARGIN;

const HALF: Size = { width: (INNER - GAP) / 2, height: 136 };
const WHOLE: Size = { width: INNER, height: 260 };

export function figure(experiments: readonly PlottedExperiment[], all: Panels): string {
  const { panels } = all;
  const size = panels.length === 1 ? WHOLE : HALF;
  const perRow = panels.length === 1 ? 1 : 2;
  const extents = extentsOf(panels);
  const rows = rowsOf(panels, perRow).map(row =>
    row.map(panel => panelParts(panel, extents.get(panel.stage) ?? [0, 1], size)),
  );
  const curves = rows.flat().flatMap(each => each.curves);
  const parts = [titlePart(experiments), ...rows.map(row => rowOf(row, size)), notesOf(all, curves, INNER)];
  return document(experiments, panels, stacked(parts), clipOf(size));
}

function rowsOf(panels: readonly Panel[], perRow: number): readonly (readonly Panel[])[] {
  const rows: Panel[][] = [];
  for (const panel of panels) {
    const row = rows.at(-1);
    const isNew = row?.[0] === undefined || row.length === perRow || rank(row[0]) !== rank(panel);
    if (isNew) rows.push([panel]);
    else row.push(panel);
  }
  return rows;
}

function extentsOf(panels: readonly Panel[]): ReadonlyMap<string, Extent> {
  const stages = [...new Set(panels.map(({ stage }) => stage))];
  return new Map(
    stages.flatMap(stage => {
      const extent = stepsOf(panels.filter(panel => panel.isPlotted && panel.stage === stage));
      return extent === undefined ? [] : [[stage, extent] as const];
    }),
  );
}

interface Drawn {
  readonly head: Part;
  readonly plot: Part;
  readonly curves: readonly Curve[];
}

function panelParts(panel: Panel, extent: Extent, size: Size): Drawn {
  const head = headOf(panel, size.width);
  if (!panel.isPlotted) return { head, plot: { height: 0, elements: [] }, curves: [] };
  const { elements, curves } = plotOf(panel, extent, size);
  return { head, plot: { height: plotHeight(size), elements }, curves };
}

/** Plots of a row begin at the same height. */
function rowOf(panels: readonly Drawn[], { width }: Size): Part {
  const head = Math.max(...panels.map(panel => panel.head.height));
  const plot = Math.max(...panels.map(panel => panel.plot.height));
  const top = head + HEAD_GAP;
  const elements = panels.map((panel, index) =>
    element('g', { class: 'panel', transform: `translate(${index * (width + GAP)} 0)` }, [
      moved(0, panel.plot.height === 0 ? 0 : head - panel.head.height, panel.head.elements),
      ...(panel.plot.height === 0 ? [] : [moved(0, top, panel.plot.elements)]),
    ]),
  );
  return { height: (plot === 0 ? head : top + plot) + ROW_GAP, elements };
}

function titlePart(experiments: readonly PlottedExperiment[]): Part {
  const [first] = experiments as readonly [PlottedExperiment];
  if (experiments.length === 1)
    return { height: 40, elements: [element('text', { y: 16 }, titleSpans(first))] };
  const rows = experiments.map((experiment, index) =>
    moved((index % 2) * (HALF.width + GAP), Math.floor(index / 2) * 20, [
      element('path', { class: `line ${lineClasses(index)}`, d: 'M0,10H20' }),
      element('text', { x: 28, y: 14 }, titleSpans(experiment, 'name')),
    ]),
  );
  return { height: Math.ceil(experiments.length / 2) * 20 + 16, elements: rows };
}

/** `exp-3  cgan  interrupted`. */
function titleSpans({ record, status }: PlottedExperiment, title = 'title'): readonly string[] {
  const name = fitted(record.pipeline.name, 12, HALF.width - 150);
  return [
    textElement('tspan', { class: title }, record.id),
    textElement('tspan', { dx: 10 }, name),
    ...(status === 'finished' ? [] : [textElement('tspan', { class: 'muted', dx: 10 }, status)]),
  ];
}

function stacked(parts: readonly Part[]): Part {
  let y = MARGIN;
  const elements = parts.map(part => {
    const group = moved(MARGIN, y, part.elements);
    y += part.height;
    return group;
  });
  return { height: Math.ceil(y + MARGIN - ROW_GAP / 2), elements };
}

function document(
  experiments: readonly PlottedExperiment[],
  panels: readonly Panel[],
  { height, elements }: Part,
  clip: string,
): string {
  const title = experiments.map(({ record }) => record.id).join(', ');
  const attributes = {
    class: CLASS,
    xmlns: 'http://www.w3.org/2000/svg',
    width: WIDTH,
    height,
    viewBox: `0 0 ${WIDTH} ${height}`,
    role: 'img',
    'aria-labelledby': 'title description',
  };
  const children = [
    textElement('title', { id: 'title' }, `Metrics of ${title}`),
    textElement('desc', { id: 'description' }, describe(panels)),
    `<style>${escaped(styleSheet()).replaceAll('&quot;', '"')}</style>`,
    element('defs', {}, [clip]),
    element('rect', { class: 'background', width: '100%', height: '100%' }),
    ...elements,
  ];
  return `${element('svg', attributes, children)}\n`;
}
