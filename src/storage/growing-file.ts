/** Reading files that another process appends to, from where the last reading ended. */
import { fstatSync, readSync } from 'node:fs';
import { withRegularFile } from './read-file.ts';
import { errorCode } from './storage-failure.ts';

/** The start of a reading: `nextByte` and `file` of the previous one. */
export interface ReadFrom {
  /** The first byte. */
  readonly fromByte?: number;
  /** The file that was read before; without it, any file of sufficient length is accepted. */
  readonly file?: string | undefined;
}

export interface Reading {
  /** The first byte of the next reading. */
  readonly nextByte: number;
  /** The file that was read: device and inode. Undefined where there is none. */
  readonly file: string | undefined;
  /** True when the file was replaced or cut since the last reading: this one begins at byte 0. */
  readonly isRewritten: boolean;
}

/** Position in a growing file. */
export class Cursor {
  #from: ReadFrom;

  constructor(fromByte = 0) {
    this.#from = { fromByte };
  }

  /** Everything new, in chunks; nothing where nothing has changed. */
  *pieces<T extends Reading>(read: (from: ReadFrom) => T): Generator<T> {
    for (;;) {
      const before = this.#from.fromByte ?? 0;
      const piece = read(this.#from);
      this.#from = { fromByte: piece.nextByte, file: piece.file };
      if (!piece.isRewritten && piece.nextByte === before) return;
      yield piece;
    }
  }
}

interface Start extends Omit<Reading, 'nextByte'> {
  /** The open file. */
  readonly descriptor: number;
  /** The first byte to read, and the file's size. */
  readonly start: number;
  readonly bytes: number;
}

/**
 * Opens a growing file for one reading; `read` returns the next byte and any further fields. Undefined where there is no file.
 * @param isLines True if readings end after line ends: without a line end before `fromByte` the file is a different one.
 * @throws Failure, code `not-a-file`; and the operating system's errors.
 */
export function readGrowing<T extends { readonly nextByte: number }>(
  path: string,
  { fromByte = 0, file }: ReadFrom,
  { isLines, read }: { readonly isLines: boolean; readonly read: (start: Start) => T },
): (T & Reading) | undefined {
  try {
    return withRegularFile(path, (descriptor, bytes) => {
      const now = identityOf(descriptor);
      const isSame =
        (file ?? now) === now && fromByte <= bytes && (!isLines || isAfterLineEnd(descriptor, fromByte));
      const about = { file: now, isRewritten: !isSame };
      return { ...about, ...read({ ...about, descriptor, bytes, start: isSame ? fromByte : 0 }) };
    });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function identityOf(descriptor: number): string {
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return `${dev}:${ino}`;
}

function isAfterLineEnd(descriptor: number, byte: number): boolean {
  if (byte === 0) return true;
  const before = Buffer.alloc(1);
  return readSync(descriptor, before, 0, 1, byte - 1) === 1 && before[0] === 0x0a;
}

/** Text of a file from a byte on, at most `limit` bytes, cut between UTF-8 characters; undefined where there is no file. */
export const readText = (
  path: string,
  from: ReadFrom,
  limit: number,
): (Reading & { readonly text: string }) | undefined =>
  readGrowing(path, from, {
    isLines: false,
    read: ({ descriptor, start, bytes }) => {
      const buffer = Buffer.allocUnsafe(Math.min(limit, bytes - start));
      const read = readSync(descriptor, buffer, 0, buffer.length, start);
      const whole = wholeCharacters(buffer.subarray(0, read));
      return { text: whole.toString(), nextByte: start + whole.length };
    },
  });

/** The bytes without an incomplete last character. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.subarray(0, -back) : bytes;
  }
  return bytes;
}
