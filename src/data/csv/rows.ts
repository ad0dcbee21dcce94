import { Failure } from '../../core/failure.ts';
import { countLines, locateField, placeOf } from './locate.ts';
import { readText, type TextOptions } from './text.ts';

/** Most characters of a row; beyond it, a quote was not closed. */
const LONGEST_ROW = 1 << 22;

export interface CsvOptions extends TextOptions {
  /** One character. */
  readonly delimiter: string;
}

export interface Row {
  /** As they are written, without their quotes. */
  readonly fields: readonly string[];
  /** `table.csv:17:3`, the place of a field, which counts from 0. */
  readonly place: (field: number) => string;
}

/**
 * The rows of a CSV file (RFC 4180), block by block; empty lines are passed over.
 *
 * @throws Failure, with file, line and column, for quotes that are not closed, and for a file that cannot be read
 * @throws Interrupted when the signal is aborted
 */
export async function* readRows(path: string, options: CsvOptions): AsyncGenerator<readonly Row[]> {
  const { default: papa } = await import('papaparse');
  const { delimiter, name } = options;
  const parser = new papa.Parser({ delimiter, newline: '\n' });
  let [text, line] = ['', 1];
  const rowsOf = (isLast: boolean): readonly Row[] => {
    const { data, errors, meta } = parser.parse(text, 0, !isLast);
    const block = { text, line, delimiter, name };
    // What is found in an unfinished row is found again when it is whole.
    const error = errors.find(({ row }) => row < data.length);
    // The index is that behind the quote.
    if (error !== undefined) throw wrongQuotes(block, error.index - 1);
    line += countLines(text.slice(0, meta.cursor));
    text = text.slice(meta.cursor);
    if (text.length > LONGEST_ROW) throw wrongQuotes({ ...block, text, line }, 0);
    return data.flatMap((fields, row) =>
      isBlank(fields) ? [] : [{ fields, place: field => fieldPlace(block, row, field) }],
    );
  };
  for await (const piece of readText(path, options)) {
    text += piece;
    yield rowsOf(false);
  }
  yield rowsOf(true);
}

interface Block {
  readonly text: string;
  /** Of its first character, counted from 1. */
  readonly line: number;
  readonly delimiter: string;
  readonly name: string;
}

const isBlank = ([first = '', ...others]: readonly string[]): boolean =>
  others.length === 0 && first.trim() === '';

function fieldPlace({ text, line, delimiter, name }: Block, row: number, field: number): string {
  const place = locateField(text, delimiter, row, field);
  return `${name}:${line + place.line}:${place.column + 1}`;
}

function wrongQuotes({ text, line, name }: Block, index: number): Failure {
  const place = placeOf(text, index);
  return new Failure({
    code: 'wrong-quotes',
    exitCode: 2,
    message: `${name}:${line + place.line}:${place.column + 1}: a quoted field begins here and does not end before a delimiter`,
    hint: 'Close it with a quote; a quote inside of it is written twice: "".',
  });
}
