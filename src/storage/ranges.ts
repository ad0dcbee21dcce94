import { readSync, writeSync } from 'node:fs';
import { withRegularFile } from './read-file.ts';

/** Bytes copied at a time. */
const PIECE = 1 << 20;

/** Parts of a file, in order. */
export class Ranges {
  /** Side by side, as there may be one for each second line of a large file. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** The bytes in all of them. */
  bytes = 0;

  /** Adds a part behind the others: from `start`, without `end`. */
  add(start: number, end: number): void {
    this.bytes += end - start;
    if (this.#ends.at(-1) === start) this.#ends.pop();
    else this.#starts.push(start);
    this.#ends.push(end);
  }

  /** Writes the parts to another file, one behind the other. @param target A file that is open. */
  copy(path: string, target: number): void {
    withRegularFile(path, source => {
      const piece = Buffer.allocUnsafe(PIECE);
      for (const [index, start] of this.#starts.entries())
        for (let at = start, end = this.#ends[index] as number; at < end;) {
          const bytes = readSync(source, piece, 0, Math.min(PIECE, end - at), at);
          if (bytes === 0) return; // cut short by somebody else
          for (let written = 0; written < bytes;)
            written += writeSync(target, piece, written, bytes - written);
          at += bytes;
        }
    });
  }
}
