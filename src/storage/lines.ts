/** Text files line by line, with one chunk of the file and one line in memory. */
import { closeSync, readSync } from 'node:fs';
import { openRegularFile } from './read-file.ts';

/** Bytes read at a time. */
const PIECE = 1 << 20;
/** Bytes; a longer line is not one of pipe's and is skipped. */
const LONGEST = 1 << 20;
/** Bytes without a line end after which reading stops: a sparse file may be endless. */
const HOPELESS = 1 << 26;

const NEWLINE = 10;

export interface Line {
  readonly text: string;
  /** Counted from 1, where reading began. */
  readonly number: number;
  /** Its range of bytes in the file, line end included. */
  readonly start: number;
  readonly end: number;
}

export interface LineOptions {
  /** The first byte, after a line end. */
  readonly from?: number | undefined;
  /** Bytes read at a time. */
  readonly piece?: number;
}

/**
 * The lines of a file, in order. Lines of more than a megabyte are left out, and a last line without a line end: a kill tore it.
 * @throws Failure if it is not a file; and the operating system's errors.
 */
export function* linesOf(path: string, options?: LineOptions): Generator<Line> {
  const { file } = openRegularFile(path);
  try {
    yield* linesIn(file, options);
  } finally {
    closeSync(file);
  }
}

/** The same for an open file. */
export function* linesIn(file: number, { from = 0, piece: size = PIECE }: LineOptions = {}): Generator<Line> {
  const buffer = Buffer.allocUnsafe(size);
  let position = from;
  /** Parts of the current line in earlier chunks, and its first byte in the file. */
  let begun: Buffer[] = [];
  let start = from;
  let number = 0;
  for (let bytes; (bytes = readSync(file, buffer, 0, size, position)) > 0; position += bytes) {
    const piece = buffer.subarray(0, bytes);
    let at = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, at)) {
      const next = position + end + 1;
      number++;
      if (next - start <= LONGEST)
        yield { text: textOf(begun, piece.subarray(at, end)), number, start, end: next };
      begun = [];
      at = end + 1;
      start = next;
    }
    if (position + bytes - start > HOPELESS) return;
    if (position + bytes - start <= LONGEST) begun.push(Buffer.from(piece.subarray(at)));
    else begun = [];
  }
}

const textOf = (begun: readonly Buffer[], rest: Buffer): string =>
  (begun.length === 0 ? rest : Buffer.concat([...begun, rest])).toString();
