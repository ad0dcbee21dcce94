import { protocolLegend, protocolMarks } from '../core/protocol.ts';
import { rowLabel, type ComparisonTable, type Row } from './table.ts';

/** What the marks in a table mean. */
export interface Legend {
  /** A row's name with its unit and the mark of its protocol: `kid (a)`. */
  readonly labelOf: (row: Row) => string;
  readonly hasBest: boolean;
  /** Explanations, a line each. */
  readonly lines: readonly string[];
}

export function legendOf({ sections, legend }: ComparisonTable): Legend {
  const rows = sections.flatMap(section => section.rows);
  const marks = protocolMarks(rows.map(({ protocol }) => protocol));
  const cells = rows.flatMap(row => row.cells);
  const hasIntervals = cells.some(({ interval }) => interval !== undefined);
  return {
    labelOf: row =>
      `${rowLabel(row)}${row.protocol === undefined ? '' : ` ${marks.get(row.protocol) ?? ''}`}`,
    hasBest: cells.some(({ best }) => best),
    lines: [...(hasIntervals ? [legend.interval] : []), ...protocolLegend(marks)],
  };
}
