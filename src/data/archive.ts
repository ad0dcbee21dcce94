import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ReadEntry } from 'tar';
import { Failure, Interrupted } from '../core/failure.ts';
import { errorCode } from '../core/system-error.ts';
import { ArchiveBounds } from './archive-bounds.ts';
import { checkArchiveKind } from './archive-kind.ts';
import { fileFailure } from './file-failure.ts';

/** A file inside an archive. */
export interface ArchiveEntry {
  /** Name in the archive, without a leading `./`; checked to stay within the archive. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** The file's bytes, to read once; unread entries are skipped. */
  readonly read: () => Promise<Buffer>;
}

/** Longest name of an entry, in bytes. */
const LONGEST_PATH = 4096;
type FileHandler = (entry: ArchiveEntry) => Promise<void> | void;

/** Why an entry is refused, if it is. Nothing is written to disk here, but names become class names and paths. */
function unsafe(path: string, type: string): string | undefined {
  if (type === 'SymbolicLink' || type === 'Link') return 'a link';
  if (['CharacterDevice', 'BlockDevice', 'FIFO'].includes(type)) return 'a device or a pipe';
  if (path.startsWith('/') || path.startsWith('\\') || /^[a-z]:/i.test(path)) return 'an absolute path';
  if (path.split(/[/\\]/).includes('..')) return 'a path that leads outside (..)';
  if (path.includes('\0')) return 'a name with a NUL character';
  if (Buffer.byteLength(path) > LONGEST_PATH) return `a name of more than ${LONGEST_PATH} bytes`;
  return undefined;
}

function unsafeFailure(archive: string, path: string, reason: string): Failure {
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  return new Failure({
    code: 'unsafe-archive',
    message: `${archive} is refused: its entry ${JSON.stringify(shown)} is ${reason}`,
    hint: 'Pack the archive again from plain files and folders, or unpack it yourself and give the folder.',
  });
}

function tooLarge(archive: string, what: string): Failure {
  return new Failure({
    code: 'archive-bomb',
    message: `${archive} is refused: it ${what}`,
    hint: 'Unpack it yourself, if you trust it, and give the folder.',
  });
}

function damaged(archive: string, error: unknown): Error {
  if (error instanceof Failure) return error;
  const code = errorCode(error);
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

/** Settles when every entry has been handled, or on the first error. */
async function parse(
  archive: string,
  source: ReadStream,
  onFile: FileHandler,
  bounds: ArchiveBounds,
): Promise<void> {
  const { Parser } = await import('tar');
  await new Promise<void>((resolve, reject) => {
    let handled: Promise<void> = Promise.resolve();
    let ended = false;
    const onReadEntry = (entry: ReadEntry) => {
      const excess = bounds.excess(entry.size);
      if (excess !== undefined) {
        reject(tooLarge(archive, excess));
        return;
      }
      handled = handled.then(() => take(archive, entry, onFile));
      handled.catch(reject);
    };
    const parser = new Parser({ strict: true, maxDecompressionRatio: Infinity, onReadEntry });
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
 * Streams a tar archive, compressed or not, and calls `onFile` for each regular file in turn. Nothing is extracted.
 *
 * @throws Failure for an archive that is missing, truncated, damaged, far too large when unpacked, or has links, devices or paths
 * that lead outside
 * @throws Interrupted when the signal is aborted
 */
export async function readArchive(
  archive: string,
  signal: AbortSignal,
  onFile: FileHandler,
  maxEntries?: number,
): Promise<void> {
  const bounds = new ArchiveBounds(await sizeOf(archive), maxEntries);
  const source = createReadStream(archive, { highWaterMark: 1 << 18 });
  const stop = () => source.destroy(new Interrupted());
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    await checkArchiveKind(archive);
    await parse(archive, source, onFile, bounds);
  } catch (error) {
    throw signal.aborted ? new Interrupted() : damaged(archive, error);
  } finally {
    signal.removeEventListener('abort', stop);
    source.destroy();
  }
}

async function sizeOf(archive: string): Promise<number> {
  try {
    return (await stat(archive)).size;
  } catch (error) {
    throw fileFailure(error, archive, 'read');
  }
}
