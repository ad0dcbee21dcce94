import type { Readable } from 'node:stream';
import type { Entry } from 'yauzl';
import { Failure } from '../../core/failure.ts';
import { errorCode } from '../../core/system-error.ts';
import { fileFailure } from '../file-failure.ts';
import type { ArrayFile } from './array.ts';
import { badArray } from './bad-array.ts';
import { HEADER_BYTES, readHeader } from './header.ts';

/** The part of yauzl 3 that is missing in its published types, which are of version 2. */
interface Zip {
  eachEntry(): AsyncIterable<Entry>;
  openReadStreamPromise(entry: Entry): Promise<Readable>;
  close(): void;
}
interface Yauzl {
  openPromise(path: string, options: { readonly lazyEntries: true; readonly autoClose: false }): Promise<Zip>;
}

const ENDING = '.npy';

/** A `.npz` file: a zip archive with a `.npy` file for each array. @throws Failure for a damaged archive */
export async function openArchive(path: string, name: string): Promise<ArrayFile> {
  const names = await withZip(path, name, async zip => {
    const found: string[] = [];
    for await (const { fileName } of zip.eachEntry())
      if (fileName.endsWith(ENDING)) found.push(fileName.slice(0, -ENDING.length));
    return found;
  });
  return {
    name,
    names,
    open: async (array = '') => {
      const shown = `${name} (${array})`;
      const member = () => membersBytes(path, name, `${array}${ENDING}`);
      const { size, start } = await startOf(member());
      const header = readHeader(start, size, shown);
      return { ...header, name: shown, bytes: () => after(header.offset, member()) };
    },
  };
}

interface Piece {
  /** Of the whole member, in bytes. */
  readonly size: number;
  readonly bytes: Buffer;
}

/** The unpacked bytes of one member. */
async function* membersBytes(path: string, name: string, member: string): AsyncGenerator<Piece> {
  const zip = await openZip(path, name);
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== member) continue;
      for await (const bytes of await zip.openReadStreamPromise(entry))
        yield { size: entry.uncompressedSize, bytes: bytes as Buffer };
      return;
    }
  } catch (error) {
    throw unpackFailure(error, path, name);
  } finally {
    zip.close();
  }
}

async function startOf(
  pieces: AsyncIterable<Piece>,
): Promise<{ readonly size: number; readonly start: Buffer }> {
  let [size, start] = [0, Buffer.alloc(0)];
  for await (const piece of pieces) {
    size = piece.size;
    start = Buffer.concat([start, piece.bytes]);
    if (start.length >= HEADER_BYTES) break;
  }
  return { size, start };
}

/** The bytes behind the first ones. */
async function* after(offset: number, pieces: AsyncIterable<Piece>): AsyncGenerator<Buffer> {
  let left = offset;
  for await (const { bytes } of pieces) {
    if (left < bytes.length) yield bytes.subarray(left);
    left = Math.max(0, left - bytes.length);
  }
}

async function openZip(path: string, name: string): Promise<Zip> {
  try {
    const { default: yauzl } = (await import('yauzl')) as unknown as { readonly default: Yauzl };
    return await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
  } catch (error) {
    throw unpackFailure(error, path, name);
  }
}

async function withZip<T>(path: string, name: string, use: (zip: Zip) => Promise<T>): Promise<T> {
  const zip = await openZip(path, name);
  try {
    return await use(zip);
  } catch (error) {
    throw unpackFailure(error, path, name);
  } finally {
    zip.close();
  }
}

/** Errors of the operating system and of what reads the array stay; all others are of yauzl and zlib. */
function unpackFailure(error: unknown, path: string, name: string): Error {
  if (error instanceof Failure) return error;
  const code = errorCode(error);
  if (code !== undefined && !code.startsWith('Z_')) return fileFailure(error, path, 'read');
  return badArray(`${name} is a damaged archive: ${error instanceof Error ? error.message : String(error)}`);
}
