import Table, { type CellOptions } from 'cli-table3';

export type Align = 'left' | 'right';

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap(side =>
    ['', '-mid', '-left', '-right'].map(part => [`${side}${part}`, '']),
  ),
);

/** Columns of text with two spaces between them and no lines, without trailing spaces. Widths know colours and wide characters. */
export function plainTable(
  rows: readonly (readonly (string | CellOptions)[])[],
  aligns: readonly Align[] = [],
): string {
  const table = new Table({
    chars: { ...NO_LINES, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: [...aligns],
  });
  table.push(...rows.map(row => [...row]));
  return table.toString().replace(/[ \t]+$/gm, '');
}
