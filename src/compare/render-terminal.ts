import { createColors } from 'picocolors';
import { displayWidth } from '../core/align-columns.ts';
import { cut } from '../core/format.ts';
import { printable } from '../core/printable.ts';
import { plainTable } from './plain-table.ts';
import { sentenceLines } from './render-lines.ts';
import { legendOf, type Legend } from './legend.ts';
import type { Cell, ComparisonTable, Section } from './table.ts';

export interface TerminalOptions {
  /** Characters on a line; columns that do not fit beside each other come below. */
  readonly columns: number;
  readonly color: boolean;
}

const GAP = 2;
const LONGEST_LABEL = 40;
/** Fits a value with its interval, and the best one with its step. */
const LONGEST_VALUE = 48;

/** The table for a terminal, best values marked with a star. Without the notes, which go to stderr. */
export function renderTerminal(table: ComparisonTable, { columns, color }: TerminalOptions): string {
  const colors = createColors(color);
  const { heads } = table;
  const { labelOf, hasBest, lines } = legendOf(table);
  const sections = table.sections.filter(({ asLines }) => asLines !== true);
  const blocks = intoBlocks({ heads, sections }, columns, labelOf).map(indices => {
    const head = ['', ...indices.map(index => colors.bold(headText(heads[index])))];
    const rows = sections.flatMap(({ title, rows }) => [
      [{ content: '', colSpan: indices.length + 1 }],
      [{ content: colors.bold(printable(title)), colSpan: indices.length + 1 }],
      ...rows.map(row => [
        clipLabel(labelOf(row)),
        ...indices.map(index => {
          const text = cellText(row.cells[index]);
          return row.cells[index]?.best === true ? colors.green(text) : text;
        }),
      ]),
    ]);
    return plainTable([head, ...rows]);
  });
  const sentences = table.sections
    .filter(({ asLines }) => asLines === true)
    .map(section =>
      [colors.bold(printable(section.title)), ...sentenceLines(section, heads, labelOf, columns)].join('\n'),
    );
  const legend = [...(hasBest ? [`* ${table.legend.best}`] : []), ...lines].map(line =>
    colors.dim(printable(line)),
  );
  return [...blocks, ...sentences, ...(legend.length > 0 ? [legend.join('\n')] : [])].join('\n\n') + '\n';
}

const headText = (head = ''): string => clip(head, LONGEST_LABEL);

const cellText = (cell: Cell | undefined): string =>
  cell === undefined ? '' : `${clip(cell.text, LONGEST_VALUE)}${cell.best ? ' *' : ''}`;

function clip(text: string, longest: number): string {
  return cut(printable(text), longest);
}

/** Shortens a label in its middle: the end of a parameter's name is distinctive. */
function clipLabel(label: string): string {
  const safe = printable(label);
  if (safe.length <= LONGEST_LABEL) return safe;
  const head = Math.floor((LONGEST_LABEL - 1) / 3);
  return `${safe.slice(0, head)}…${safe.slice(head + 1 - LONGEST_LABEL)}`;
}

/** Indices of the columns, grouped so that each group's columns fit beside the labels; at least one per group. */
function intoBlocks(
  { heads, sections }: Pick<ComparisonTable, 'heads' | 'sections'>,
  columns: number,
  labelOf: Legend['labelOf'],
): number[][] {
  const labels = widest(sections, row => clipLabel(labelOf(row)));
  const blocks: number[][] = [];
  let left = 0;
  for (const [index, head] of heads.entries()) {
    const width =
      GAP +
      Math.max(
        headText(head).length,
        widest(sections, ({ cells }) => cellText(cells[index])),
      );
    const block = blocks.at(-1);
    if (block !== undefined && width <= left) block.push(index);
    else {
      blocks.push([index]);
      left = columns - labels;
    }
    left -= width;
  }
  return blocks;
}

function widest(sections: readonly Section[], text: (row: Section['rows'][number]) => string): number {
  const rows = sections.flatMap(section => section.rows);
  return rows.reduce((most, row) => Math.max(most, displayWidth(text(row))), 0);
}
