import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { errorCode } from './storage-failure.ts';

/** A file's content, or why there is none: an error code such as `EACCES`, or one of the named reasons. */
export type FileReading =
  { readonly content: Buffer } | { readonly problem: 'missing' | 'not-a-file' | 'too-large' | (string & {}) };

/**
 * Reads a file that somebody else may have put there: a named pipe or a device in its place does not stop the reader, and
 * of a file that is larger than `limit` bytes nothing is read.
 */
export function readRegularFile(path: string, limit: number): FileReading {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return reasonOf(error);
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) return { problem: 'not-a-file' };
    if (status.size > limit) return { problem: 'too-large' };
    return { content: readFileSync(file) };
  } catch (error) {
    return reasonOf(error);
  } finally {
    closeSync(file);
  }
}

function reasonOf(error: unknown): { readonly problem: string } {
  const code = errorCode(error);
  if (code === undefined) throw error;
  return { problem: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : code };
}
