import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { FileHashes } from '../storage/file-hashes.ts';
import { isInside } from '../storage/inside.ts';
import { errorCode, storageFailure } from '../storage/storage-failure.ts';
import type { Problem } from './report.ts';

/** Bytes; larger files have a recorded length. */
const LONGEST = 64 * 1024 * 1024;

/** The record of a file. */
export interface Recorded {
  /** Relative to a folder, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  /** Absent in some records. */
  readonly bytes?: number;
}

/** Compares files with their records, always by content; each file on the disk is read once. */
export class FileChecker {
  readonly #hashes = new FileHashes();
  readonly #onFile: (path: string) => void;

  /** @param onFile Called with the path of each file before it is read. */
  constructor(onFile: (path: string) => void) {
    this.#onFile = onFile;
  }

  get bytesRead(): number {
    return this.#hashes.bytesRead;
  }

  /** The size of an intact file in bytes, or its problem. */
  async check(root: string, { path, sha256, bytes }: Recorded): Promise<number | Problem> {
    const file = join(root, path);
    // A manipulated record must not lead anywhere else.
    if (!isInside(root, file)) return { kind: 'unreadable', path, words: 'it leads out of its folder' };
    this.#onFile(file);
    try {
      const status = lstatSync(file);
      if (!status.isFile()) return { kind: 'changed', path, words: 'it is not a file any more' };
      if (bytes !== undefined && status.size !== bytes)
        return { kind: 'changed', path, words: `${bytes} bytes were recorded, ${status.size} are there` };
      if (bytes === undefined && status.size > LONGEST)
        return { kind: 'changed', path, words: 'it is far too large' };
      const found = await this.#hashes.hash(root, path);
      if (found === undefined) return missing(path);
      if (found.sha256 === sha256) return found.bytes;
      return { kind: 'changed', path, words: 'its content is not what was recorded' };
    } catch (error) {
      return problemOf(error, path, file);
    }
  }
}

const missing = (path: string): Problem => ({ kind: 'missing', path, words: '' });

/** An error of the operating system as a problem; any other error is a bug and thrown. */
export function problemOf(error: unknown, path: string, file: string): Problem {
  const failure = storageFailure(error, 'read', file);
  if (!(failure instanceof Failure)) throw error;
  const code = errorCode(failure.cause) ?? failure.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return missing(path);
  return { kind: 'unreadable', path, words: `it cannot be read (${code})` };
}
