import { constants, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Failure } from '../core/failure.ts';
import { fileFailure } from './file-failure.ts';

/** Bytes to read per call; one call can read at most 2 GiB. */
const PIECE = 1 << 24;

const HINT = 'Run the pipeline again from its first stage, so that the data is loaded again.';

/** A file of a data set, of a known length. Reading is synchronous: a batch comes from the page cache. */
export class DataFile {
  readonly path: string;
  readonly bytes: number;
  readonly #file: FileHandle;

  private constructor(path: string, bytes: number, file: FileHandle) {
    this.path = path;
    this.bytes = bytes;
    this.#file = file;
  }

  /**
   * @param what The expected content: `5 images`.
   * @throws Failure when it is missing, unreadable, not a regular file, or of a different length.
   */
  static async open(path: string, bytes: number, what: string): Promise<DataFile> {
    // Without O_NONBLOCK a named pipe would block the reader for ever.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const file = await open(path, flags).catch((error: unknown) => {
      throw fileFailure(error, path, 'read');
    });
    const status = await file.stat();
    if (status.isFile() && status.size === bytes) return new DataFile(path, bytes, file);
    await file.close();
    const found = status.isFile() ? `holds ${status.size} bytes` : 'is no regular file';
    throw damaged(`${path} ${found}; ${what} need ${bytes}`);
  }

  /** Fills `into` with the bytes from `position` on. @throws Failure when the file was truncated meanwhile. */
  read(position: number, into: Uint8Array): void {
    try {
      for (let done = 0; done < into.length;) {
        const wanted = Math.min(PIECE, into.length - done);
        const read = readSync(this.#file.fd, into, done, wanted, position + done);
        if (read === 0) throw damaged(`${this.path} was cut short while it was read`);
        done += read;
      }
    } catch (error) {
      throw fileFailure(error, this.path, 'read');
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

export function damaged(message: string): Failure {
  return new Failure({ code: 'damaged-dataset', message, hint: HINT });
}
