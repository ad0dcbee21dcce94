import { printable } from '../core/printable.ts';
import type { Legend } from './legend.ts';
import type { ComparisonTable, Section } from './table.ts';

/**
 * A section of sentences: each row's label, and below it the head of each column that has a sentence, with the sentence beside it.
 *
 *     kid (a)
 *       cgan  better by 31%, 95% interval 24–38%, 3 seeds each
 */
export function sentenceLines(
  { rows }: Section,
  heads: ComparisonTable['heads'],
  labelOf: Legend['labelOf'],
  columns: number,
): readonly string[] {
  const shown = heads.map(printable);
  const told = rows.flatMap(({ cells }) => shown.filter((_, index) => cells[index]?.value !== undefined));
  const width = Math.max(0, ...told.map(head => head.length));
  return rows.flatMap(row => [
    printable(labelOf(row)),
    ...row.cells.flatMap(({ value, text }, index) => {
      if (value === undefined) return [];
      const [first = '', ...rest] = wrapped(printable(text), columns - width - 4);
      return [
        `  ${(shown[index] ?? '').padEnd(width)}  ${first}`,
        ...rest.map(line => ' '.repeat(width + 6) + line),
      ];
    }),
  ]);
}

/** Fewest characters of a line, however narrow the terminal. */
const LEAST = 30;

/** Lines of at most so many characters, but for longer words; those after the first one are two shorter. */
function wrapped(text: string, room: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const most = Math.max(LEAST, lines.length > 1 ? room - 2 : room);
    if (line !== undefined && line.length + 1 + word.length <= most)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
