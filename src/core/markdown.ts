import { printable } from './printable.ts';

/** Text escaped for a cell of a table. */
export const markdownText = (text: string): string =>
  printable(text).replace(/[\\|<>*`]/g, character => `\\${character}`);

/** A table of GitHub's Markdown, without a line end after it. Cells are Markdown; the columns of `right` are set to the right. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: (column: number) => boolean = () => false,
): string {
  const rule = header.map((_, column) => (right(column) ? '---:' : '---'));
  return [header, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}
