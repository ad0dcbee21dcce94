import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Entry } from 'yauzl';
import { Failure } from '../../core/failure.ts';
import { WRONG_HASH_HINT } from './pip-failure.ts';
import type { Wheel } from './release.ts';

/** The part of yauzl 3 that is missing in its published types, which are of version 2. */
export interface Zip {
  eachEntry(): AsyncIterable<Entry>;
  openReadStreamPromise(entry: Entry): Promise<Readable>;
  close(): void;
}
interface Yauzl {
  openPromise(path: string, options: { readonly lazyEntries: true }): Promise<Zip>;
}

/** Target path of a member, relative to the output folder; undefined for a member that is not needed. */
export type Place = (member: string) => string | undefined;

export interface UnpackOptions {
  readonly place: Place;
  /** Called with the sha256 of each written member; throws for a wrong one. */
  readonly check?: (member: string, sha256: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
}

/** sha256 of a file, in hex. */
async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Verifies the sha256 of a wheel on disk and unpacks the needed members. Throws a Failure (`wrong-hash`). */
export async function unpackWheel(
  path: string,
  dir: string,
  options: UnpackOptions,
  known: readonly Wheel[],
): Promise<void> {
  const found = await sha256(path);
  if (!known.some(wheel => wheel.sha256 === found))
    throw new Failure({
      code: 'wrong-hash',
      message: `${basename(path)} is not the file that is expected: its sha256 is ${found}.`,
      details: known.map(wheel => `expected ${wheel.sha256} for ${wheel.requirement}`),
      hint: WRONG_HASH_HINT,
    });
  const { default: yauzl } = (await import('yauzl')) as unknown as { readonly default: Yauzl };
  await unpack(await yauzl.openPromise(path, { lazyEntries: true }), dir, options);
}

/** Unpacks the needed members into `dir` and syncs them to disk. Closes the archive. */
export async function unpack(
  zip: Zip,
  dir: string,
  { place, check, signal }: UnpackOptions,
  entries: AsyncIterable<Entry> | readonly Entry[] = zip.eachEntry(),
): Promise<void> {
  try {
    for await (const entry of entries) {
      const path = place(entry.fileName);
      if (path === undefined || entry.fileName.endsWith('/')) continue;
      const target = join(dir, path);
      await mkdir(dirname(target), { recursive: true });
      const hash = createHash('sha256');
      const hashed = async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          hash.update(chunk);
          yield chunk;
        }
      };
      await pipeline(
        await zip.openReadStreamPromise(entry),
        hashed,
        createWriteStream(target, { flush: true, mode: permissions(entry) }),
        signal ? { signal } : {},
      );
      check?.(entry.fileName, hash.digest());
    }
  } finally {
    zip.close();
  }
}

/** Unix permissions of a member, 0644 if it has none. */
const permissions = (entry: Entry): number => (entry.externalFileAttributes >>> 16) & 0o777 || 0o644;
