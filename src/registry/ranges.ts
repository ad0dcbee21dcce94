import { readSync, writeSync } from 'node:fs';
import { withRegularFile } from './read-file.ts';

/** Bytes copied at a time. */
const PIECE = 1 << 20;

/** Parts of a file, in order. */
export class Ranges {
  readonly #ranges: { readonly start: number; end: number }[] = [];
  /** The bytes in all of them. */
  bytes = 0;

  /** Adds a part behind the others: from `start`, without `end`. */
  add(start: number, end: number): void {
    this.bytes += end - start;
    const last = this.#ranges.at(-1);
    if (last?.end === start) last.end = end;
    else this.#ranges.push({ start, end });
  }

  /** Writes the parts to another file, one behind the other. @param target A file that is open. */
  copy(path: string, target: number): void {
    withRegularFile(path, source => {
      const piece = Buffer.allocUnsafe(PIECE);
      for (const { start, end } of this.#ranges)
        for (let at = start; at < end;) {
          const bytes = readSync(source, piece, 0, Math.min(PIECE, end - at), at);
          if (bytes === 0) return; // cut short by somebody else
          for (let written = 0; written < bytes;)
            written += writeSync(target, piece, written, bytes - written);
          at += bytes;
        }
    });
  }
}
