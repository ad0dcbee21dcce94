import { readSync, writeSync } from 'node:fs';
import { withRegularFile } from './read-file.ts';

/** Bytes copied at a time. */
const PIECE = 1 << 20;

/** Parts of a file, in order. */
export class Ranges {
  /** Two arrays of numbers: a large file may have a range for every second line. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Total bytes. */
  bytes = 0;

  /** Appends a part: from `start` up to and without `end`. */
  add(start: number, end: number): void {
    this.bytes += end - start;
    if (this.#ends.at(-1) === start) this.#ends.pop();
    else this.#starts.push(start);
    this.#ends.push(end);
  }

  /** Writes the parts, joined, to another file. @param target An open file. */
  copy(path: string, target: number): void {
    withRegularFile(path, source => {
      const piece = Buffer.allocUnsafe(PIECE);
      for (const [index, start] of this.#starts.entries())
        for (let at = start, end = this.#ends[index] as number; at < end;) {
          const bytes = readSync(source, piece, 0, Math.min(PIECE, end - at), at);
          if (bytes === 0) return; // truncated meanwhile
          for (let written = 0; written < bytes;)
            written += writeSync(target, piece, written, bytes - written);
          at += bytes;
        }
    });
  }
}
