import { setTimeout } from 'node:timers/promises';
import type { Response } from 'undici';
import { Failure } from '../../core/failure.ts';
import { withoutCredentials } from './credentials.ts';
import type { IndexClient } from './index-client.ts';

export interface RemoteFile {
  readonly url: string;
  readonly client: IndexClient;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of bytes of each received chunk. */
  readonly onBytes: (count: number) => void;
  /** Milliseconds before the first retry, doubled for each further one. */
  readonly waitMs: number;
}

/** Consecutive retries without a received byte. */
const TRIES = 5;

/** The server does not support ranges of the file. */
export class NoRanges extends Error {}

/** A connection that broke or ended early. */
class Cut extends Error {}

/** The bytes `[from, to)` of a file. After a broken connection it resumes at the byte reached. @throws NoRanges */
export async function* rangeOf(file: RemoteFile, from: number, to: number): AsyncGenerator<Buffer> {
  let at = from;
  for (let tries = 0; at < to; tries++) {
    try {
      for await (const chunk of await ask(file, at, to)) {
        const bytes = chunk.subarray(0, to - at);
        at += bytes.length;
        tries = 0;
        file.onBytes(bytes.length);
        yield bytes;
      }
      if (at < to) throw new Cut(`ended ${to - at} bytes too early`);
    } catch (error) {
      file.signal?.throwIfAborted();
      if (!isTemporary(error) || tries >= TRIES) throw error instanceof Cut ? cutOff(file, error) : error;
      await setTimeout(file.waitMs * 2 ** tries, undefined, file.signal && { signal: file.signal });
    }
  }
}

/** The whole file, for a server without ranges. */
export async function* wholeOf(file: RemoteFile): AsyncGenerator<Buffer> {
  const response = await file.client.get(file.url, {});
  if (response.status !== 200) throw refused(file, response);
  try {
    for await (const chunk of bodyOf(response)) {
      file.onBytes(chunk.length);
      yield chunk;
    }
  } catch (error) {
    file.signal?.throwIfAborted();
    throw error instanceof Cut ? cutOff(file, error) : error;
  }
}

async function ask(file: RemoteFile, from: number, to: number): Promise<AsyncIterable<Buffer>> {
  const response = await file.client.get(file.url, { range: `bytes=${from}-${to - 1}` });
  if (response.status === 206 && startOf(response) === from) return bodyOf(response);
  await response.body?.cancel();
  if (response.status === 200 || response.status === 206) throw new NoRanges();
  throw refused(file, response);
}

const startOf = (response: Response): number =>
  Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]);

async function* bodyOf(response: Response): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of response.body ?? []) {
      const { buffer, byteOffset, byteLength } = chunk as Uint8Array<ArrayBuffer>;
      yield Buffer.from(buffer, byteOffset, byteLength);
    }
  } catch (error) {
    throw new Cut(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** True where a retry may succeed. */
const isTemporary = (error: unknown): boolean =>
  error instanceof Cut || (error instanceof Failure && ['no-network', 'index-busy'].includes(error.code));

const hostOf = ({ url }: RemoteFile): string => new URL(withoutCredentials(url).address).host;

const cutOff = (file: RemoteFile, error: Cut): Failure =>
  new Failure({
    code: 'no-network',
    message: 'The connection to the Python package index broke again and again.',
    details: [`${hostOf(file)}: ${error.message}`],
    hint: 'pipe setup',
    cause: error,
  });

/** The failure for a response with an error status. */
export function refused(file: Pick<RemoteFile, 'url'>, { status, statusText }: Response): Failure {
  const { address } = withoutCredentials(file.url);
  return new Failure({
    code: status === 429 || status >= 500 ? 'index-busy' : 'index-refused',
    message: `The Python package index responds with ${`${status} ${statusText}`.trim()} for ${address}`,
    hint: 'see which index is set up: PIP_INDEX_URL, UV_DEFAULT_INDEX, pip config list',
  });
}
