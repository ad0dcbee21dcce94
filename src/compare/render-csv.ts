import type { ComparisonTable } from './table.ts';

/** RFC 4180: a header, then one record per row, values in full precision, durations in milliseconds. Empty is missing. */
export function renderCsv({ experiments, sections }: ComparisonTable): string {
  const header = ['section', 'name', 'unit', ...experiments];
  const records = sections.flatMap(({ title, rows }) =>
    rows.map(({ name, unit, cells }) => [title, name, unit ?? '', ...cells.map(({ value }) => field(value))]),
  );
  return [header, ...records].map(record => `${record.map(quote).join(',')}\r\n`).join('');
}

function field(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return JSON.stringify(value);
}

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
