import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure, Interrupted } from '../core/failure.ts';
import { errorCode } from '../core/system-error.ts';
import { fileFailure } from './file-failure.ts';

/** A file on the network, identified by its size and hash. */
export interface RemoteFile {
  readonly url: string;
  /** Its length in bytes. */
  readonly bytes: number;
  /** sha256 in hex. */
  readonly sha256: string;
}

export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** Called about once for each megabyte received. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Retries after a cut connection; 3 by default. */
  readonly resumes?: number;
}

const PROGRESS_BYTES = 1 << 20;

/** Thrown for a lost connection: worth a retry from where it stopped. */
class ConnectionCut extends Error {}

function unreachableFailure(url: string, error: unknown): Failure {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const reason = errorCode(cause) ?? (cause instanceof Error ? cause.message : String(error));
  return new Failure({
    code: 'no-network',
    message: `cannot reach ${new URL(url).host} to download ${url} (${reason})`,
    hint: 'Check the network connection, then run again.',
    cause: error,
  });
}

function refused(url: string, answer: string): Failure {
  return new Failure({
    code: 'download-refused',
    message: `${url} ${answer}`,
    hint: 'Try again later; behind a sign-in page or a proxy, open the address in a browser first.',
  });
}

/** Requests the file from byte `from` on; refuses a response with a different length than the file's. */
async function request(file: RemoteFile, from: number, signal: AbortSignal): Promise<Response> {
  const range = from > 0 ? { range: `bytes=${from}-` } : {};
  const headers = { 'accept-encoding': 'identity', ...range };
  const response = await fetch(file.url, { headers, signal }).catch((error: unknown) => {
    throw unreachableFailure(file.url, error);
  });
  const length = response.headers.get('content-length');
  const expected = response.status === 206 ? file.bytes - from : file.bytes;
  if (response.ok && (length === null || Number(length) === expected)) return response;
  await response.body?.cancel();
  if (!response.ok) throw refused(file.url, `answered ${response.status} ${response.statusText}`.trim());
  throw refused(file.url, `offers ${length} bytes where ${expected} are expected: it is a different file`);
}

/** The position of the response's bytes: the requested one, or 0 when the server ignores ranges. */
function startOf(response: Response): number {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return response.status === 206 && range?.[1] !== undefined ? Number(range[1]) : 0;
}

/** The partial file `<path>.part`, created with the first byte, so that a download that cannot begin leaves nothing. */
class Part {
  readonly path: string;
  #handle: FileHandle | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async size(): Promise<number> {
    try {
      const { size } = await (this.#handle?.stat() ?? stat(this.path));
      return size;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 0;
      throw fileFailure(error, this.path, 'write');
    }
  }

  async open(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      this.#handle = await open(this.path, constants.O_RDWR | constants.O_CREAT);
      return this.#handle;
    } catch (error) {
      throw fileFailure(error, this.path, 'write');
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

/**
 * Writes the rest of the file at its position. Nothing is truncated or appended: two processes that download the same file write
 * the same bytes to the same places, without harm.
 */
async function fetchRest(
  file: RemoteFile,
  part: Part,
  { signal, onProgress }: DownloadOptions,
): Promise<void> {
  const size = await part.size();
  const response = await request(file, size < file.bytes ? size : 0, signal);
  let at = startOf(response);
  let shown = at;
  try {
    for await (const chunk of response.body ?? []) {
      const handle = await part.open();
      await writeAt(handle, chunk as Uint8Array, at).catch((error: unknown) => {
        throw fileFailure(error, part.path, 'write');
      });
      at += (chunk as Uint8Array).length;
      if (at > file.bytes) break;
      if (at - shown < PROGRESS_BYTES) continue;
      shown = at;
      onProgress?.(at, file.bytes);
    }
  } catch (error) {
    if (error instanceof Failure || signal.aborted) throw error;
    throw new ConnectionCut('the connection was cut', { cause: error });
  }
  if (at < file.bytes) throw new ConnectionCut('the connection was closed early');
  await (await part.open()).truncate(at);
  onProgress?.(at, file.bytes);
}

/** Writes all bytes: a nearly full disk writes only a part per call. */
async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;)
    written += (await handle.write(bytes, written, undefined, position + written)).bytesWritten;
}

async function sha256Of(part: Part, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const stream = (await part.open()).createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 });
  for await (const chunk of stream) {
    signal.throwIfAborted();
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

async function fill(file: RemoteFile, part: Part, options: DownloadOptions): Promise<void> {
  const { resumes = 3 } = options;
  for (let attempt = 0; ; attempt++) {
    if ((await part.size()) === file.bytes) return;
    try {
      await fetchRest(file, part, options);
      return;
    } catch (error) {
      if (!(error instanceof ConnectionCut)) throw error;
      if (attempt < resumes) continue;
      const size = await part.size();
      throw new Failure({
        code: 'connection-cut',
        message: `the download of ${file.url} broke off at ${size} of ${file.bytes} bytes`,
        details: [`What has arrived is kept in ${part.path}.`],
        hint: 'Run again: the download continues from there.',
        cause: error,
      });
    }
  }
}

async function verify(file: RemoteFile, part: Part, signal: AbortSignal) {
  const found = await sha256Of(part, signal);
  if (found === file.sha256) return;
  const size = await part.size();
  await rm(part.path, { force: true });
  throw new Failure({
    code: 'wrong-checksum',
    message: `what ${file.url} sent is not the file expected: its checksum differs`,
    details: [
      `expected sha256 ${file.sha256} (${file.bytes} bytes)`,
      `found    sha256 ${found} (${size} bytes)`,
    ],
    hint: 'It was removed; run again for a new download. If it happens again, something between here and the server alters files.',
  });
}

async function putInPlace(part: string, path: string): Promise<void> {
  try {
    await rename(part, path);
  } catch (error) {
    // Another process downloaded and verified the same file first.
    if (errorCode(error) === 'ENOENT' && existsSync(path)) return;
    throw fileFailure(error, path, 'write');
  }
}

/**
 * Downloads a file, continuing `<path>.part` if it exists, and moves it to `path` when its checksum is right.
 *
 * @throws Failure without a network, for a response that is not the file, repeated lost connections, a wrong checksum, or a
 * folder that cannot be written to
 * @throws Interrupted when the signal is aborted; received bytes are kept
 */
export async function download(file: RemoteFile, path: string, options: DownloadOptions): Promise<void> {
  const part = new Part(`${path}.part`);
  try {
    await fill(file, part, options);
    await verify(file, part, options.signal);
    await putInPlace(part.path, path);
  } catch (error) {
    if (options.signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    await part.close();
  }
}
