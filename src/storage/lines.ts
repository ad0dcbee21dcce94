/** Text files line by line, however large they are: in memory are a piece of the file and one line. */
import { closeSync, readSync } from 'node:fs';
import { openRegularFile } from './read-file.ts';

/** Bytes read at a time. */
const PIECE = 1 << 20;
/** Bytes: a longer line is none of ours, and is passed over. */
const LONGEST = 1 << 20;
/** Bytes without a line end after which nothing is looked for any more: a file of holes may be endless. */
const HOPELESS = 1 << 26;

const NEWLINE = 10;

export interface Line {
  readonly text: string;
  /** Counted from 1, where reading began. */
  readonly number: number;
  /** The bytes of the file that it is, its line end included. */
  readonly start: number;
  readonly end: number;
}

export interface LineOptions {
  /** Where to begin, in bytes: behind a line end. */
  readonly from?: number | undefined;
  /** Bytes read at a time. */
  readonly piece?: number;
}

/**
 * The lines of a file, in order. Those of more than a megabyte are left out, and a last one without a line end: it was torn by
 * a kill.
 * @throws Failure for what is no file; and the operating system's errors.
 */
export function* linesOf(path: string, options?: LineOptions): Generator<Line> {
  const { file } = openRegularFile(path);
  try {
    yield* linesIn(file, options);
  } finally {
    closeSync(file);
  }
}

/** The same for a file that is open. */
export function* linesIn(file: number, { from = 0, piece: size = PIECE }: LineOptions = {}): Generator<Line> {
  const buffer = Buffer.allocUnsafe(size);
  let position = from;
  /** What earlier pieces have of the line at hand, and where in the file it begins. */
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
