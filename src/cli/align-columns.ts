import { stripVTControlCharacters } from 'node:util';

export type Align = 'left' | 'right';

/**
 * Text in columns, two spaces apart, a line per row, without trailing spaces; colours take no width. For lists of any length:
 * cli-table3 takes time that grows with the square of the rows, seconds for some thousands.
 */
export function alignColumns(rows: readonly (readonly string[])[], aligns: readonly Align[] = []): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell));
  const lines = rows.map(row =>
    row
      .map((cell, index) => {
        const space = ' '.repeat((widths[index] ?? 0) - width(cell));
        return aligns[index] === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
  return lines.map(line => `${line}\n`).join('');
}

/** Characters, not UTF-16 units, and no colours. Plain ASCII, nearly everything, needs no counting. */
function width(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : Array.from(stripVTControlCharacters(text)).length;
}
