import { createReadStream, type ReadStream } from 'node:fs';
import type { ReadEntry } from 'tar';
import { Failure, Interrupted } from '../core/failure.ts';
import { fileFailure, systemCode } from './file-failure.ts';

/** A file inside an archive. */
export interface ArchiveEntry {
  /** As the archive names it, without a leading `./`; checked to stay within the archive. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** The file's bytes, read once; an entry that is not read is passed over. */
  readonly read: () => Promise<Buffer>;
}

type FileHandler = (entry: ArchiveEntry) => Promise<void> | void;

/** Why an entry must not be taken, if so. Nothing is written to disk here, but names become class names and paths. */
function unsafe(path: string, type: string): string | undefined {
  if (type === 'SymbolicLink' || type === 'Link') return 'a link';
  if (path.startsWith('/') || path.startsWith('\\') || /^[a-z]:/i.test(path)) return 'an absolute path';
  if (path.split(/[/\\]/).includes('..')) return 'a path that leads outside (..)';
  if (path.includes('\0')) return 'a name with a NUL character';
  return undefined;
}

function unsafeFailure(archive: string, path: string, reason: string): Failure {
  return new Failure({
    code: 'unsafe-archive',
    message: `${archive} is refused: its entry ${JSON.stringify(path)} is ${reason}`,
    hint: 'Pack the archive again from plain files and folders, or unpack it yourself and give the folder.',
  });
}

function damaged(archive: string, error: unknown): Error {
  if (error instanceof Failure) return error;
  const code = systemCode(error);
  const reason = error instanceof Error ? error.message : String(error);
  const cutShort = code === 'Z_BUF_ERROR' || /unexpected end|Truncated input/i.test(reason);
  if (cutShort)
    return new Failure({
      code: 'truncated-archive',
      message: `${archive} ends too early: the archive is truncated`,
      hint: 'Get the archive again; its copying or downloading was cut short.',
      cause: error,
    });
  if (code !== undefined && /^(Z_|TAR_|ZLIB)/.test(code))
    return new Failure({
      code: 'bad-archive',
      message: `${archive} cannot be read as a .tar.gz archive: ${reason}`,
      hint: 'Give a folder, or an archive made by tar (gzip-compressed or plain).',
      cause: error,
    });
  return fileFailure(error, archive, 'read');
}

async function take(archive: string, entry: ReadEntry, onFile: FileHandler): Promise<void> {
  const path = entry.path.replace(/^(\.\/)+/, '');
  const reason = unsafe(path, entry.type);
  if (reason !== undefined) throw unsafeFailure(archive, path, reason);
  if (['File', 'OldFile', 'ContiguousFile'].includes(entry.type))
    await onFile({ path, size: entry.size, read: () => entry.concat() });
  entry.resume();
}

/** Settles when every entry was handled, or at the first error. */
async function parse(archive: string, source: ReadStream, onFile: FileHandler): Promise<void> {
  const { Parser } = await import('tar');
  await new Promise<void>((resolve, reject) => {
    let handled: Promise<void> = Promise.resolve();
    let ended = false;
    const onReadEntry = (entry: ReadEntry) => {
      handled = handled.then(() => take(archive, entry, onFile));
      handled.catch(reject);
    };
    const parser = new Parser({ strict: true, onReadEntry });
    parser.on('nullBlock', () => (ended = true));
    parser.on('error', reject);
    parser.on('end', () => {
      if (ended) handled.then(resolve, reject);
      else reject(new Error('unexpected end: no end mark'));
    });
    source.on('error', reject);
    source.pipe(parser);
  });
}

/**
 * Streams a tar archive, compressed or not, and calls `onFile` for each regular file, one after the other. Nothing is extracted.
 *
 * @throws Failure for an archive that is missing, truncated, damaged, or has links or paths that lead outside
 * @throws Interrupted when the signal is aborted
 */
export async function readArchive(archive: string, signal: AbortSignal, onFile: FileHandler): Promise<void> {
  const source = createReadStream(archive, { highWaterMark: 1 << 18 });
  const stop = () => source.destroy(new Interrupted());
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    await parse(archive, source, onFile);
  } catch (error) {
    throw signal.aborted ? new Interrupted() : damaged(archive, error);
  } finally {
    signal.removeEventListener('abort', stop);
    source.destroy();
  }
}
