import { createHash, hash } from 'node:crypto';
import { closeSync, createReadStream, readFileSync, statSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { shownName } from '../core/file-name.ts';
import type { FileRecord } from '../core/experiment.ts';
import { openRegularFile } from './read-file.ts';
import { filesIn } from './files-below.ts';
import { errorCode, storageFailure } from './storage-failure.ts';

/** Bytes; for a smaller file, of which there may be thousands, a stream would cost more than the hash. */
const AT_ONCE = 1 << 18;
/** Bytes that a stream reads at a time. */
const CHUNK = 1 << 20;

/** A file with its hash; the path is relative to a folder. */
export interface HashedFile extends Readonly<FileRecord> {
  /** Size, time and inode when it was hashed: an equal stamp means equal content. */
  readonly stamp: string;
}

export const stampOf = ({ size, mtimeNs, ino }: BigIntStats): string => `${size} ${mtimeNs} ${ino}`;

const keyOf = (status: BigIntStats): string => `${status.dev} ${stampOf(status)}`;

/** Hashes of files, cached by device, inode, size and time: a file with several hard links is read once. */
export class FileHashes {
  readonly #known = new Map<string, string>();
  #bytesRead = 0;

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Hashes a file below a folder; undefined if it is gone or not a regular file. */
  async hash(root: string, path: string): Promise<HashedFile | undefined> {
    const file = join(root, path);
    try {
      const status = statSync(file, { bigint: true });
      if (!status.isFile()) return undefined;
      const bytes = Number(status.size);
      const known = this.#known.get(keyOf(status));
      const sha256 = known ?? (await readHash(file));
      if (known === undefined) this.#bytesRead += bytes;
      this.add(status, sha256);
      return { path, bytes, sha256, stamp: stampOf(status) };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw storageFailure(error, 'read', file);
    }
  }

  /** Hashes several files; those that are gone are left out. */
  async hashAll(root: string, paths: readonly string[]): Promise<HashedFile[]> {
    const hashed: HashedFile[] = [];
    for (const path of paths) {
      const file = await this.hash(root, path);
      if (file !== undefined) hashed.push(file);
    }
    return hashed;
  }

  /** Hashes every file below a folder, with paths relative to `dir`, for a record. */
  async below(dir: string, folder: string): Promise<FileRecord[]> {
    const hashed = await this.hashAll(dir, filesIn(dir, folder));
    return hashed.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
  }

  /** Adds a hash that is known from elsewhere. */
  add(status: BigIntStats, sha256: string): void {
    this.#known.set(keyOf(status), sha256);
  }
}

/** sha256 (hex) of a file's content. */
export async function sha256OfFile(path: string | Buffer): Promise<string> {
  try {
    return await readHash(path);
  } catch (error) {
    throw storageFailure(error, 'read', shownName(Buffer.from(path)));
  }
}

async function readHash(path: string | Buffer): Promise<string> {
  const { file: fd, bytes } = openRegularFile(path);
  try {
    if (bytes <= AT_ONCE) return hash('sha256', readFileSync(fd), 'hex');
    const sha256 = createHash('sha256');
    await pipeline(createReadStream(path, { fd, autoClose: false, highWaterMark: CHUNK }), sha256);
    return sha256.digest('hex');
  } finally {
    closeSync(fd);
  }
}
