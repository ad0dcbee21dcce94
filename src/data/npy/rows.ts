import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Interrupted } from '../../core/failure.ts';
import { DataFile } from '../data-file.ts';
import { fileFailure } from '../file-failure.ts';
import type { NpyArray } from './array.ts';
import { badArray } from './bad-array.ts';
import { decodeNumbers, type Numbers } from './dtype.ts';

/** Bytes of a block, rounded down to rows. */
const BLOCK = 1 << 22;

export interface RowsOptions {
  /** At most this many rows. */
  readonly limit: number;
  /** A folder for a temporary file: one in Fortran order is read in pieces from all over it. */
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly block?: number;
}

/** The numbers of one row: the product of all axes but the first. */
export const rowLength = ({ shape }: Pick<NpyArray, 'shape'>): number =>
  shape.slice(1).reduce((product, size) => product * size, 1);

/**
 * The numbers of an array in C order, in blocks of whole rows.
 *
 * @throws Failure when the file cannot be read; Interrupted when the signal is aborted
 */
export async function* readRows(array: NpyArray, options: RowsOptions): AsyncGenerator<Numbers> {
  const isFortran = array.isFortran && array.shape.length > 1;
  for await (const bytes of isFortran ? fortranRows(array, options) : plainRows(array, options)) {
    if (options.signal.aborted) throw new Interrupted();
    yield decodeNumbers(bytes, array.dtype);
  }
}

const blockRows = (array: NpyArray, { block = BLOCK }: RowsOptions): number =>
  Math.max(1, Math.floor(block / (rowLength(array) * array.dtype.bytes)));

async function* plainRows(array: NpyArray, options: RowsOptions): AsyncGenerator<Uint8Array> {
  const rowBytes = rowLength(array) * array.dtype.bytes;
  const count = Math.min(array.shape[0] ?? 0, options.limit);
  let left = count * rowBytes;
  let block = Buffer.alloc(Math.min(left, blockRows(array, options) * rowBytes));
  let filled = 0;
  for await (const piece of array.bytes()) {
    for (let at = 0; at < piece.length && left > 0;) {
      const copied = piece.copy(block, filled, at);
      at += copied;
      filled += copied;
      if (filled < block.length) continue;
      yield block;
      left -= filled;
      filled = 0;
      block = block.subarray(0, Math.min(left, block.length));
    }
    if (left === 0) return;
  }
  if (left > 0) throw badArray(`${array.name} ends too early`);
}

/** Of an array whose first axis varies fastest, the numbers of a row lie apart by the number of rows. */
async function* fortranRows(array: NpyArray, options: RowsOptions): AsyncGenerator<Uint8Array> {
  const { shape, dtype } = array;
  const [rows = 0, ...axes] = shape;
  const path = await unpacked(array, options.dir);
  const file = await DataFile.open(path, rows * rowLength(array) * dtype.bytes, array.name);
  try {
    const places = placesInRow(axes);
    const count = Math.min(rows, options.limit);
    const atOnce = blockRows(array, options);
    for (let first = 0; first < count; first += atOnce) {
      const wanted = Math.min(atOnce, count - first);
      yield gather(file, { first, wanted, rows, places, bytes: dtype.bytes });
    }
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

interface Gathered {
  readonly first: number;
  readonly wanted: number;
  readonly rows: number;
  /** Where each number of a row in Fortran order lies in one in C order. */
  readonly places: readonly number[];
  readonly bytes: number;
}

function gather(file: DataFile, { first, wanted, rows, places, bytes }: Gathered): Uint8Array {
  const block = new Uint8Array(wanted * places.length * bytes);
  const column = new Uint8Array(wanted * bytes);
  for (const [index, place] of places.entries()) {
    file.read((index * rows + first) * bytes, column);
    for (let row = 0; row < wanted; row++)
      for (let byte = 0; byte < bytes; byte++)
        block[(row * places.length + place) * bytes + byte] = column[row * bytes + byte] as number;
  }
  return block;
}

function placesInRow(axes: readonly number[]): readonly number[] {
  const count = axes.reduce((product, size) => product * size, 1);
  return Array.from({ length: count }, (_, index) => {
    let [rest, place] = [index, 0];
    const at = axes.map(size => {
      const here = rest % size;
      rest = Math.floor(rest / size);
      return here;
    });
    for (const [axis, size] of axes.entries()) place = place * size + (at[axis] as number);
    return place;
  });
}

/** The bytes of an array in a file of their own. */
async function unpacked(array: NpyArray, dir: string): Promise<string> {
  const path = join(dir, 'array.tmp');
  try {
    const file = await open(path, 'w');
    try {
      for await (const piece of array.bytes()) await file.writeFile(piece);
    } finally {
      await file.close();
    }
    return path;
  } catch (error) {
    throw fileFailure(error, path, 'write');
  }
}
