/** The head of a panel: its title, and each line with its last and best value. */
import type { MetricSummary } from '../core/experiment.ts';
import { formatEstimate } from '../core/format.ts';
import { bestOf } from '../core/metric-best.ts';
import type { Line, Panel } from './panels.ts';
import { element, escaped, moved, textElement } from './svg.ts';
import { fitted, textWidth } from './words.ts';

const ROW = 17;
const SIZE = 12;
const SWATCH = 14;
const SPACE = 14;
const INDENT = SWATCH + 6;
/** A bold text is wider by this factor. */
const BOLD = 1.06;

export interface Head {
  readonly height: number;
  readonly elements: readonly string[];
}

interface Row {
  readonly line: Line;
  readonly last: string;
  readonly best: string;
}

/** @param width Pixels. */
export function headOf(panel: Panel, width: number): Head {
  const rows = panel.lines.map(line => ({ line, last: lastOf(line.summary), best: bestWords(line.summary) }));
  const columns = columnsOf(rows, width);
  const isSingle = panel.isPlotted && panel.lines.length === 1 && panel.lines[0]?.label === panel.title;
  const drawn = rows.map((row, index) =>
    moved(0, (index + 1) * ROW, rowElements(row, { ...panel, isSingle }, columns, width)),
  );
  return {
    height: (rows.length + 1) * ROW,
    elements: [...titleElements(panel, columns, { isSingle, width }), ...drawn],
  };
}

/** A single line has its name in the title alone. */
function titleElements(
  { title, unit, mark, isPlotted, lines }: Panel,
  columns: Columns,
  { isSingle, width }: { readonly isSingle: boolean; readonly width: number },
): readonly string[] {
  const indent = isSingle ? INDENT : 0;
  const room = (isPlotted ? columns.last - textWidth('last', SIZE) : width) - SPACE - indent;
  const markWidth = mark === '' ? 0 : textWidth(mark, SIZE) + 6;
  const shown = fitted(title, SIZE * BOLD, room - markWidth);
  const left = room - markWidth - textWidth(shown, SIZE * BOLD) - 6;
  const heading = (text: string, x: number) =>
    textElement('text', { class: 'muted small end', x, y: SIZE }, text);
  return [
    ...lines.slice(0, isSingle ? 1 : 0).flatMap(swatch),
    element('text', { x: indent, y: SIZE }, [
      textElement('tspan', { class: 'name' }, shown),
      ...(mark === '' ? [] : [textElement('tspan', { class: 'muted', dx: 6 }, mark)]),
      ...(unit !== null && !isSingle && left > textWidth('[…]', SIZE)
        ? [textElement('tspan', { class: 'muted', dx: 6 }, fitted(unit, SIZE, left))]
        : []),
    ]),
    ...(isPlotted ? [heading('last', columns.last)] : []),
    ...(columns.hasBest ? [heading('best', width)] : []),
  ];
}

interface Columns {
  /** The right edge of the last values. */
  readonly last: number;
  /** Pixels for names. */
  readonly names: number;
  readonly hasBest: boolean;
}

function columnsOf(rows: readonly Row[], width: number): Columns {
  const widest = (texts: readonly string[]) => Math.max(...texts.map(text => textWidth(text, SIZE)));
  const best = widest(rows.map(each => each.best));
  const last = best === 0 ? width : width - best - SPACE;
  const values = widest(['last', ...rows.map(each => each.last)]);
  return { last, names: Math.max(40, last - values - SPACE), hasBest: best > 0 };
}

function rowElements(
  { line, last, best }: Row,
  panel: Panel & { readonly isSingle: boolean },
  columns: Columns,
  width: number,
): readonly string[] {
  const { isPlotted, isSingle } = panel;
  const hasColor = isPlotted || line.label !== line.name;
  const indent = hasColor ? INDENT : 0;
  return [
    ...(isSingle || !hasColor ? [] : swatch(line)),
    ...(isSingle ? unitOf(panel, columns) : [nameOf(line, indent, columns.names - indent)]),
    textElement('text', { class: 'end', x: columns.last, y: SIZE }, last),
    ...(best === '' ? [] : [textElement('text', { class: 'end', x: width, y: SIZE }, best)]),
  ];
}

const unitOf = ({ unit }: Panel, { names }: Columns): readonly string[] =>
  unit === null
    ? []
    : [textElement('text', { class: 'muted', x: INDENT, y: SIZE }, fitted(unit, SIZE, names - INDENT))];

function nameOf({ label, summary }: Line, x: number, room: number): string {
  const shown = fitted(label, SIZE, room);
  const whole = [label, summary.description].filter(text => text !== '').join(': ');
  return element('text', { x, y: SIZE }, [textElement('title', {}, whole), escaped(shown)]);
}

function swatch({ classes, summary }: Line): readonly string[] {
  const y = SIZE - 4;
  return summary.count === 1
    ? [element('circle', { class: `dot ${classes}`, cx: SWATCH / 2, cy: y, r: 3.5 })]
    : [element('path', { class: `line ${classes}`, d: `M0,${y}H${SWATCH}` })];
}

const lastOf = ({ last, interval }: MetricSummary): string => formatEstimate(last, interval);

function bestWords(summary: MetricSummary): string {
  const best = summary.count > 1 ? bestOf(summary, summary.direction) : undefined;
  if (best === undefined) return '';
  const at = best.step === undefined ? '' : ` at ${best.step.toLocaleString('en-US')}`;
  return `${formatEstimate(best.value, best.interval)}${at}`;
}
