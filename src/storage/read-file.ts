import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { errorCode } from '../core/system-error.ts';

const HINT = 'Put the file itself there; an experiment can be copied again from where it came from.';

/** A file's content, or why it cannot be read: an error code such as `EACCES`, or a named reason. */
export type FileReading =
  { readonly content: Buffer } | { readonly problem: 'missing' | 'not-a-file' | 'too-large' | (string & {}) };

/**
 * Reads a file that may come from elsewhere: it never blocks on a named pipe or a device, and reads nothing of a file larger than
 * `limit` bytes.
 */
export function readRegularFile(path: string, limit: number): FileReading {
  try {
    return { content: readRegular(path, limit) };
  } catch (error) {
    if (error instanceof Failure) return { problem: error.code };
    const code = errorCode(error);
    if (code === undefined) throw error;
    return { problem: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : code };
  }
}

/**
 * The content of a file of at most `limit` bytes.
 * @throws Failure, code `not-a-file` or `too-large`; and the operating system's errors.
 */
export function readRegular(path: string, limit = Infinity): Buffer {
  return withRegularFile(path, (file, bytes) => {
    if (bytes <= limit) return readFileSync(file);
    throw new Failure({ code: 'too-large', message: `cannot read ${printable(path)}: it is far too large` });
  });
}

/**
 * The content of a file, read asynchronously.
 * @param isLength True for an acceptable size in bytes.
 * @throws Failure, code `not-a-file` or `file-length`; and the operating system's errors.
 */
export async function readWhole(path: string, isLength: (bytes: number) => boolean): Promise<Buffer> {
  const file = await openRegularHandle(path);
  try {
    const { size } = await file.stat();
    if (!isLength(size)) throw wrongLength(path, size);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Opens a file for reading; the caller closes it. @throws Like `withRegularFile`. */
export async function openRegularHandle(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw notAFile(path);
}

/** A length test for `readWhole`. */
export const atMost =
  (limit: number) =>
  (bytes: number): boolean =>
    bytes <= limit;

const wrongLength = (path: string, bytes: number): Failure =>
  new Failure({
    code: 'file-length',
    message: `${printable(path)} has ${bytes} bytes, which no file of its kind has`,
    hint: HINT,
  });

/**
 * Opens a file for the duration of an operation.
 * @throws Failure, code `not-a-file`, for anything but a file; and the operating system's errors.
 */
export function withRegularFile<T>(path: string, operation: (file: number, bytes: number) => T): T {
  const { file, bytes } = openRegularFile(path);
  try {
    return operation(file, bytes);
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a file; the caller closes it. @throws Like `withRegularFile`.
 * @param flags Flags of open(2); by default for reading.
 */
export function openRegularFile(
  path: string | Buffer,
  flags: number = constants.O_RDONLY,
): { readonly file: number; readonly bytes: number } {
  const file = openAtOnce(path, flags);
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw notAFile(path);
    return { file, bytes: status.size };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function openAtOnce(path: string | Buffer, flags: number): number {
  try {
    // Without O_NONBLOCK a named pipe would block the caller for ever.
    return openSync(path, flags | constants.O_NONBLOCK);
  } catch (error) {
    // A pipe without a reader, a socket, or a folder opened for writing.
    if (['ENXIO', 'EISDIR'].includes(errorCode(error) ?? '')) throw notAFile(path);
    throw error;
  }
}

function notAFile(path: string | Buffer): Failure {
  return new Failure({
    code: 'not-a-file',
    message: `${printable(String(path))} is not a file`,
    hint: HINT,
  });
}
