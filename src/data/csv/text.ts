import { TextDecoder } from 'node:util';
import { Failure, Interrupted } from '../../core/failure.ts';
import { openRegularHandle } from '../../storage/read-file.ts';
import { fileFailure } from '../file-failure.ts';

/** Bytes to read at a time; the fields of larger pieces outlive the young generation of the heap, which costs more than parsing. */
const PIECE = 1 << 16;

export interface TextOptions {
  /** The name of the file in messages. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  /** Receives the number of bytes read so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * The text of a UTF-8 file, piece by piece, without a byte order mark and with `\n` at all line ends.
 *
 * @throws Failure for a file that cannot be read or is not UTF-8
 * @throws Interrupted when the signal is aborted
 */
export async function* readText(
  path: string,
  { name, signal, onBytes }: TextOptions,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [bytes, held] = [0, ''];
  for await (const piece of readPieces(path)) {
    if (signal?.aborted === true) throw new Interrupted();
    if (bytes === 0) refuseUtf16(piece, name);
    const text = held + decode(decoder, piece, name);
    bytes += piece.length;
    onBytes?.(bytes);
    // The other half of its line end may be in the next piece.
    held = text.endsWith('\r') ? '\r' : '';
    yield withPlainEnds(held === '' ? text : text.slice(0, -1));
  }
  yield withPlainEnds(held + decode(decoder, undefined, name));
}

async function* readPieces(path: string): AsyncGenerator<Buffer> {
  try {
    const file = await openRegularHandle(path);
    for await (const piece of file.createReadStream({ highWaterMark: PIECE })) yield piece as Buffer;
  } catch (error) {
    throw fileFailure(error, path, 'read');
  }
}

const withPlainEnds = (text: string): string =>
  text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;

function decode(decoder: TextDecoder, piece: Buffer | undefined, name: string): string {
  try {
    return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
  } catch (cause) {
    throw notUtf8(name, cause);
  }
}

function refuseUtf16(start: Buffer, name: string): void {
  const mark = start.length < 2 ? 0 : start.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff || start.subarray(0, 1000).includes(0)) throw notUtf8(name);
}

const notUtf8 = (name: string, cause?: unknown): Failure =>
  new Failure({
    code: 'not-utf-8',
    exitCode: 2,
    message: `${name} is no UTF-8 text`,
    hint: 'Save it as CSV in UTF-8.',
    cause,
  });
