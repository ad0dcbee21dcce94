import type { NpyHeader } from './header.ts';

/** An array of a file, or of an archive of arrays. */
export interface NpyArray extends NpyHeader {
  /** For messages: `x.npy`, or `data.npz (x)`. */
  readonly name: string;
  /** The bytes of its numbers, from the first one on. */
  readonly bytes: () => AsyncIterable<Buffer>;
}

/** A `.npy` or `.npz` file. */
export interface ArrayFile {
  /** As shown. */
  readonly name: string;
  /** The arrays of a `.npz` file; none of a `.npy` file, which is one array. */
  readonly names: readonly string[] | undefined;
  /** Reads the header of one of them, or of the only one. @throws Failure for an array that cannot be read */
  readonly open: (array?: string) => Promise<NpyArray>;
}
