import { badArray } from './bad-array.ts';
import { dtypeOf, type DType } from './dtype.ts';

/** What precedes the numbers in a file of one array. */
export interface NpyHeader {
  readonly dtype: DType;
  /** True where the first axis varies fastest. */
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin, in bytes. */
  readonly offset: number;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/** Bytes that hold every header: NumPy itself reads none that is longer than 10,000. */
export const HEADER_BYTES = 1 << 16;

export const isNpy = (start: Buffer): boolean => start.subarray(0, MAGIC.length).equals(MAGIC);

/**
 * Reads the header of NumPy's format, versions 1.0 to 3.0 (NEP 1).
 *
 * @param start The first bytes of the file, `HEADER_BYTES` of a longer one.
 * @param bytes The size of the file.
 * @param array Its name, for messages.
 * @throws Failure for what is no such file, for what cannot be examples, and for a file of another length than its shape says
 */
export function readHeader(start: Buffer, bytes: number, array: string): NpyHeader {
  const version = start[MAGIC.length] ?? 0;
  if (!isNpy(start)) throw badArray(`${array} is no array of NumPy (.npy)`);
  if (version < 1 || version > 3)
    throw badArray(`${array} is of version ${version} of NumPy's format; 1 to 3 are known`);
  const lengthBytes = version === 1 ? 2 : 4;
  const textStart = MAGIC.length + 2 + lengthBytes;
  if (start.length < textStart) throw badArray(`${array} ends within its header`);
  const offset = textStart + start.readUIntLE(textStart - lengthBytes, lengthBytes);
  if (offset > start.length) throw badArray(`${array} ends within its header`);
  const text = start.toString(version === 3 ? 'utf8' : 'latin1', textStart, offset);
  const { dtype, isFortran, shape } = parse(text, array);
  const expected = offset + dtype.bytes * shape.reduce((product, size) => product * size, 1);
  if (bytes !== expected)
    throw badArray(`${array} has ${bytes} bytes, and its shape [${shape.join(', ')}] needs ${expected}`);
  return { dtype, isFortran, shape, offset };
}

/** Reads the header's literal of Python: `{'descr': '<f4', 'fortran_order': False, 'shape': (10, 4), }`. */
function parse(text: string, array: string): Omit<NpyHeader, 'offset'> {
  const descr = /'descr':\s*(?:'([^']*)'|(\[.*?\]))\s*,\s*'/s.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const axes = /'shape':\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
  if (descr === null || order === undefined || axes === undefined)
    throw badArray(`${array} has a header that cannot be read: ${text.trim().slice(0, 100)}`);
  const shape = [...axes.matchAll(/\d+/g)].map(([size]) => Number(size));
  return { dtype: dtypeOf(descr[1] ?? descr[2] ?? '', array), isFortran: order === 'True', shape };
}
