import type { Location } from '../core/failure.ts';

/** The name that stands for the command line where a location needs a file. */
export const COMMAND_LINE = 'command line';

/** A text that values come from: a file, or an argument of the command line. */
export interface Source {
  /** As shown to people: relative to the working folder where it was given so. */
  readonly name: string;
  /** Absolute folder that relative paths written in this text start from. */
  readonly dir: string;
  readonly text: string;
}

/** A part of a source: offsets into its text, end excluded. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A span as file, line and column; what is marked ends with the line that it starts in. */
export function locate({ source, start, end }: Span): Location {
  const { text, name } = source;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', lineStart);
  const line = text.slice(lineStart, newline === -1 ? undefined : newline).replace(/\r$/, '');
  const column = start - lineStart;
  return {
    file: name,
    line: lineNumber(text, lineStart),
    column: column + 1,
    length: Math.max(1, Math.min(end - start, line.length - column)),
    text: line,
  };
}

function lineNumber(text: string, lineStart: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < lineStart; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
