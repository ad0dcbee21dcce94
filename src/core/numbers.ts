/** JSON has no NaN and no infinities: they are written as strings, which `Number()` reads back. */
export type EncodedNumber = number | string;

export const encodeNumber = (value: number): EncodedNumber =>
  Number.isFinite(value) ? value : String(value);

/** undefined for anything that is not an encoded number. */
export function decodeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

/** For JSON.stringify: encodes numbers at any depth. */
export const encodeNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? encodeNumber(value) : value;
