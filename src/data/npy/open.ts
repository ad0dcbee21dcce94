import { openRegularHandle } from '../../storage/read-file.ts';
import { fileFailure } from '../file-failure.ts';
import { openArchive } from './archive.ts';
import type { ArrayFile } from './array.ts';
import { badArray } from './bad-array.ts';
import { HEADER_BYTES, isNpy, readHeader } from './header.ts';

/** Bytes to read at a time. */
const PIECE = 1 << 20;

/**
 * Opens a `.npy` or `.npz` file.
 *
 * @param path Absolute.
 * @param name As shown.
 * @throws Failure for a file that cannot be read, or is neither
 */
export async function openArrays(path: string, name: string): Promise<ArrayFile> {
  const { start, size } = await startOf(path);
  if (isNpy(start))
    return {
      name,
      names: undefined,
      open: () => {
        const header = readHeader(start, size, name);
        return Promise.resolve({ ...header, name, bytes: () => piecesOf(path, header.offset) });
      },
    };
  if (start.toString('latin1', 0, 2) === 'PK') return openArchive(path, name);
  throw badArray(`${name} is neither an array of NumPy (.npy) nor an archive of arrays (.npz)`);
}

async function startOf(path: string): Promise<{ readonly start: Buffer; readonly size: number }> {
  try {
    const file = await openRegularHandle(path);
    try {
      const { size } = await file.stat();
      const start = Buffer.alloc(Math.min(size, HEADER_BYTES));
      await file.read(start, 0, start.length, 0);
      return { start, size };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileFailure(error, path, 'read');
  }
}

async function* piecesOf(path: string, from: number): AsyncGenerator<Buffer> {
  try {
    const file = await openRegularHandle(path);
    for await (const piece of file.createReadStream({ start: from, highWaterMark: PIECE }))
      yield piece as Buffer;
  } catch (error) {
    throw fileFailure(error, path, 'read');
  }
}
