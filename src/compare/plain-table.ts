import Table, { type CellOptions } from 'cli-table3';

export type Align = 'left' | 'right';

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap(side =>
    ['', '-mid', '-left', '-right'].map(part => [`${side}${part}`, '']),
  ),
);

/** A table without lines: columns two spaces apart, without trailing spaces. Widths account for colours and wide characters. */
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
