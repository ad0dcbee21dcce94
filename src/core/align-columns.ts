import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

export type Align = 'left' | 'right';

/** The cells of a row, or a full line, such as a heading, that widens no column. */
export type Line = readonly string[] | string;

/**
 * Rows as aligned columns two spaces apart, without trailing spaces. Colour codes have no width, wide characters two columns.
 * Linear in the number of cells: lists have tens of thousands.
 */
export function alignColumns(rows: readonly Line[], aligns: readonly Align[] = []): string {
  const widest = widestCells(rows);
  const align = (cell: string, column: number): string => {
    const space = ' '.repeat((widest[column] ?? 0) - displayWidth(cell));
    return aligns[column] === 'right' ? space + cell : cell + space;
  };
  const line = (row: Line): string => {
    if (typeof row === 'string') return row;
    // A left-aligned last cell needs no padding.
    const last = aligns[row.length - 1] === 'right' ? row.length : row.length - 1;
    return row
      .map((cell, column) => (column < last ? align(cell, column) : cell))
      .join('  ')
      .trimEnd();
  };
  return rows.map(row => `${line(row)}\n`).join('');
}

function widestCells(rows: readonly Line[]): readonly number[] {
  const widest: number[] = [];
  for (const row of rows)
    if (typeof row !== 'string')
      for (let column = 0; column < row.length; column++)
        widest[column] = Math.max(widest[column] ?? 0, displayWidth(row[column] as string));
  return widest;
}

/** Width of a text in terminal columns. Plain ASCII, nearly everything, needs no counting. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  const bare = stripVTControlCharacters(text);
  return PLAIN.test(bare) ? bare.length : stringWidth(bare);
}

const PLAIN = /^[ -~]*$/;
