/** The files of a score reference: lists of numbers, raw and little-endian. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataFile } from '../data/data-file.ts';
import { fileFailure } from '../data/file-failure.ts';

type Numbers = Float32Array | Float64Array | Uint32Array | Uint8Array;

/** Writes numbers into a folder; returns the file's name. @throws Failure when the disk refuses */
export async function writeNumbers(dir: string, file: string, numbers: Numbers): Promise<string> {
  const path = join(dir, file);
  await writeFile(path, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)).catch(
    (error: unknown) => {
      throw fileFailure(error, path, 'write');
    },
  );
  return file;
}

interface NumbersType<T extends Numbers> {
  new (buffer: ArrayBuffer): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** Reads `count` numbers. @throws Failure when the file is missing, unreadable or of another length */
export async function readNumbers<T extends Numbers>(
  type: NumbersType<T>,
  path: string,
  count: number,
): Promise<T> {
  const file = await DataFile.open(path, count * type.BYTES_PER_ELEMENT, `${count} numbers`);
  try {
    const bytes = new Uint8Array(file.bytes);
    file.read(0, bytes);
    return new type(bytes.buffer);
  } finally {
    await file.close();
  }
}
