import { Failure } from '../../core/failure.ts';

/** A type of numbers that NumPy writes. */
export interface DType {
  /** `f4`, `i8`, `b1` …: the kind of number and its bytes. */
  readonly name: string;
  readonly bytes: number;
  readonly isBigEndian: boolean;
}

/** Numbers of one array. */
export type Numbers = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Floats;
type Floats = Float32Array | Float64Array;

type Decoder = (buffer: ArrayBuffer) => Numbers;

const DECODERS: Readonly<Record<string, Decoder>> = {
  b1: buffer => new Uint8Array(buffer),
  u1: buffer => new Uint8Array(buffer),
  i1: buffer => new Int8Array(buffer),
  u2: buffer => new Uint16Array(buffer),
  i2: buffer => new Int16Array(buffer),
  u4: buffer => new Uint32Array(buffer),
  i4: buffer => new Int32Array(buffer),
  u8: buffer => Float64Array.from(new BigUint64Array(buffer), Number),
  i8: buffer => Float64Array.from(new BigInt64Array(buffer), Number),
  f2: buffer => Float32Array.from(new Uint16Array(buffer), half),
  f4: buffer => new Float32Array(buffer),
  f8: buffer => new Float64Array(buffer),
};

/** Why arrays of other kinds are refused, by the letter of their kind. */
const REFUSED: Readonly<Record<string, string>> = {
  O: 'Python objects, which are pickled code and not numbers',
  U: 'texts',
  S: 'texts',
  c: 'complex numbers',
  M: 'dates',
  m: 'durations',
  V: 'bytes without a meaning',
};

/**
 * The type that a header's `descr` names, such as `<f4`.
 * @throws Failure for one that is no number, or no number of JavaScript
 */
export function dtypeOf(descr: string, array: string): DType {
  const [, order = '', kind = '', size = ''] = /^([<>|=])([a-zA-Z])(\d*)/.exec(descr) ?? [];
  const name = `${kind}${size}`;
  if (DECODERS[name] !== undefined) return { name, bytes: Number(size), isBigEndian: order === '>' };
  const reason = REFUSED[kind] ?? `numbers of a type that cannot be read`;
  throw new Failure({
    code: 'wrong-dtype',
    exitCode: 2,
    message: `${array} has ${descr.startsWith('[') ? 'records of several numbers' : reason} (dtype ${descr.slice(0, 60)})`,
    hint:
      kind === 'U' || kind === 'S'
        ? 'Save the classes as whole numbers: names, labels = numpy.unique(texts, return_inverse=True).'
        : 'Save an array of numbers: array.astype("float32").',
  });
}

/** True for whole numbers and truth values. */
export const isWhole = ({ name }: DType): boolean => 'uib'.includes(name[0] ?? '');

/** The numbers in some bytes, which are changed. */
export function decodeNumbers(bytes: Uint8Array, { name, bytes: size, isBigEndian }: DType): Numbers {
  const { buffer, byteOffset, byteLength } = bytes;
  const own = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  if (isBigEndian) swap(Buffer.from(own), size);
  return (DECODERS[name] as Decoder)(own);
}

function swap(bytes: Buffer, size: number): void {
  if (size === 2) bytes.swap16();
  if (size === 4) bytes.swap32();
  if (size === 8) bytes.swap64();
}

/** A float16 by its bits (IEEE 754). */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
