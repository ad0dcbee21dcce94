import { printableLines } from '../core/printable.ts';
import type { Best } from '../core/metric-best.ts';
import { cell, type ComparisonTable, type Row } from './table.ts';

/**
 * CSV by RFC 4180: a header, then one record per row, values in full precision, durations in milliseconds. Missing values are
 * empty. Text that a spreadsheet would run as a formula begins with an apostrophe.
 */
export function renderCsv({ experiments, sections }: ComparisonTable): string {
  const header = ['section', 'name', 'unit', ...experiments];
  const records = sections.flatMap(({ title, rows }) =>
    rows
      .flatMap(withStatistics)
      .map(({ name, unit, cells }) => [title, name, unit ?? '', ...cells.map(({ value }) => value)]),
  );
  return [header, ...records]
    .map(record => `${record.map(value => quote(field(value))).join(',')}\r\n`)
    .join('');
}

/** Adds records for a metric's best values and their steps: a field holds one number. */
function withStatistics(row: Row): readonly Row[] {
  if (!row.cells.some(({ extreme }) => extreme !== undefined)) return [row];
  const { name, cells } = row;
  const of = (key: keyof Best) => cells.map(({ extreme }) => cell(extreme?.[key], ''));
  return [
    row,
    { ...row, name: `${name} best`, cells: of('value') },
    { ...row, name: `${name} best step`, unit: null, cells: of('step') },
  ];
}

function field(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  return plainText(printableLines(typeof value === 'string' ? value : JSON.stringify(value)));
}

/** Escapes formulas such as `=1+1` and `-1+cmd|…`; `-5` is a number and stays. */
const plainText = (text: string): string =>
  /^[=+\-@]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
