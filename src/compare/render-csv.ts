import { csvRecord } from '../core/csv.ts';
import type { Best } from '../core/metric-best.ts';
import { cell, type ComparisonTable, type Row } from './table.ts';

/** CSV: a header, then one record per row, durations in milliseconds. Missing values are empty. */
export function renderCsv({ experiments, sections }: ComparisonTable): string {
  const header = ['section', 'name', 'unit', ...experiments];
  const records = sections.flatMap(({ title, rows }) =>
    rows
      .flatMap(withStatistics)
      .map(({ name, unit, cells }) => [title, name, unit ?? '', ...cells.map(({ value }) => value)]),
  );
  return [header, ...records].map(csvRecord).join('');
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
