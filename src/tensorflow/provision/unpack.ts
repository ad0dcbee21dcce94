import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Entry } from 'yauzl';

/** The part of yauzl 3 that its published types, of version 2, do not know yet. */
interface Zip {
  eachEntry(): AsyncIterable<Entry>;
  openReadStreamPromise(entry: Entry): Promise<Readable>;
  close(): void;
}
interface Yauzl {
  openPromise(path: string, options: { readonly lazyEntries: true }): Promise<Zip>;
}

/** sha256 of a file, in hex. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Unpacks the members for which `place` answers a path below `dir`, and syncs them to the disk. */
export async function unpack(
  archive: string,
  dir: string,
  place: (member: string) => string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const yauzl = (await import('yauzl')) as unknown as { readonly default: Yauzl };
  const zip = await yauzl.default.openPromise(archive, { lazyEntries: true });
  try {
    for await (const entry of zip.eachEntry()) {
      const path = place(entry.fileName);
      if (path === undefined || entry.fileName.endsWith('/')) continue;
      const target = join(dir, path);
      await mkdir(dirname(target), { recursive: true });
      const options = signal ? { signal } : {};
      await pipeline(
        await zip.openReadStreamPromise(entry),
        createWriteStream(target, { flush: true, mode: permissions(entry) }),
        options,
      );
    }
  } finally {
    zip.close();
  }
}

/** The Unix permissions of a member; plain ones where it has none. */
const permissions = (entry: Entry): number => (entry.externalFileAttributes >>> 16) & 0o777 || 0o644;
