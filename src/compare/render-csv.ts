import { csvRecord } from '../core/csv.ts';
import { cell, type ComparisonTable, type Row } from './table.ts';

/**
 * CSV: a header, then one record per row, durations in milliseconds. Missing values are empty. There is a column of protocols where
 * a metric has one.
 */
export function renderCsv({ heads, sections }: ComparisonTable): string {
  const hasProtocols = sections.some(({ rows }) => rows.some(({ protocol }) => protocol !== undefined));
  const how = (protocol: string) => (hasProtocols ? [protocol] : []);
  const header = ['section', 'name', 'unit', ...how('protocol'), ...heads];
  const records = sections.flatMap(({ title, rows }) =>
    rows
      .flatMap(withStatistics)
      .map(({ name, unit, protocol = '', cells }) => [
        title,
        name,
        unit ?? '',
        ...how(protocol),
        ...cells.map(({ value }) => value),
      ]),
  );
  return [header, ...records].map(csvRecord).join('');
}

/** Adds records for the bounds of a metric's values, its best values, their steps and the runs of groups: a field holds one number. */
function withStatistics(row: Row): readonly Row[] {
  const { name, cells } = row;
  const bound = (index: 0 | 1) => cells.map(({ interval }) => cell(interval?.[index], ''));
  const bounds = [
    { ...row, name: `${name} low`, cells: bound(0) },
    { ...row, name: `${name} high`, cells: bound(1) },
  ];
  const counts = { ...row, name: `${name} n`, unit: null, cells: cells.map(({ runs }) => cell(runs, '')) };
  const measured = [
    row,
    ...(cells.some(({ interval }) => interval !== undefined) ? bounds : []),
    ...(cells.some(({ runs }) => runs !== undefined) ? [counts] : []),
  ];
  if (!cells.some(({ extreme }) => extreme !== undefined)) return measured;
  const of = (key: 'value' | 'step') => cells.map(({ extreme }) => cell(extreme?.[key], ''));
  return [
    ...measured,
    { ...row, name: `${name} best`, cells: of('value') },
    { ...row, name: `${name} best step`, unit: null, cells: of('step') },
  ];
}
