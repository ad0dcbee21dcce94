import type { Location } from '../core/failure.ts';

/** The file name of locations on the command line. */
export const COMMAND_LINE = 'command line';

/** A text with values: a file, or an argument of the command line. */
export interface Source {
  /** The name for messages: relative to the working folder if given so. */
  readonly name: string;
  /** Absolute folder of relative paths in this text. */
  readonly dir: string;
  readonly text: string;
  /** Of a text that sets values of a pipeline from outside, its subject in messages: `--set`, or `the sweep`. */
  readonly settings?: string;
}

/** A part of a source: offsets into its text, end excluded. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A span as file, line and column; the marked part ends with its first line. */
export function locate({ source, start, end }: Span): Location {
  const { lines, starts } = linesOf(source);
  const line = lineAt(starts, start);
  const text = lines[line] ?? '';
  const column = start - (starts[line] ?? 0);
  const length = Math.max(1, Math.min(end - start, text.length - column));
  return { file: source.name, line: line + 1, column: column + 1, length, text };
}

interface Lines {
  readonly lines: readonly string[];
  /** The offset of each line's first character. */
  readonly starts: readonly number[];
}

/** Split lines by source: a file may have thousands of mistakes. */
const known = new WeakMap<Source, Lines>();

function linesOf(source: Source): Lines {
  const before = known.get(source);
  if (before !== undefined) return before;
  let start = 0;
  const starts: number[] = [];
  const lines = source.text.split('\n').map(line => {
    starts.push(start);
    start += line.length + 1;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  });
  known.set(source, { lines, starts });
  return { lines, starts };
}

/** The last line that starts at or before an offset, by bisection. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
