/** Text files line by line, however large they are: in memory are a piece of the file and one line. */
import { readSync } from 'node:fs';
import { withRegularFile } from './read-file.ts';

/** Bytes read at a time. */
const PIECE = 1 << 20;
/** Bytes: a longer line is none of ours, and is passed over. */
const LONGEST = 1 << 20;

const NEWLINE = 10;

/** A line's text, and the bytes of the file that it is, its line end included. */
export type LineVisitor = (text: string, start: number, end: number) => void;

/**
 * Visits the lines of a file, in order. Those of more than a megabyte are left out, and a last one without a line end: it was
 * torn by a kill.
 * @throws Failure for what is no file; and the operating system's errors.
 */
export function visitLines(path: string, visit: LineVisitor): void {
  withRegularFile(path, file => {
    const buffer = Buffer.allocUnsafe(PIECE);
    let position = 0;
    /** What earlier pieces have of the line at hand, and where in the file it begins. */
    let begun: Buffer[] = [];
    let start = 0;
    for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
      const piece = buffer.subarray(0, bytes);
      let from = 0;
      for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, from)) {
        const next = position + end + 1;
        if (next - start <= LONGEST)
          visit(Buffer.concat([...begun, piece.subarray(from, end)]).toString(), start, next);
        begun = [];
        from = end + 1;
        start = next;
      }
      position += bytes;
      if (position - start <= LONGEST) begun.push(Buffer.from(piece.subarray(from)));
      else begun = [];
    }
  });
}
