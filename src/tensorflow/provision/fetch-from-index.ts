import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Entry } from 'yauzl';
import { Failure } from '../../core/failure.ts';
import { sha256 as digest } from '../../core/sha256.ts';
import { findWheel } from './find-wheel.ts';
import { openIndexClient } from './index-client.ts';
import type { Env } from '../../core/env.ts';
import type { PackageIndex } from './package-index.ts';
import { WRONG_HASH_HINT } from './pip-failure.ts';
import type { Release, Wheel } from './release.ts';
import { NoRanges, rangeOf, wholeOf, type RemoteFile } from './remote-file.ts';
import { openRemoteZip } from './remote-zip.ts';
import { unpack, unpackWheel, type Place, type Zip } from './unpack.ts';

export interface IndexFetch {
  readonly env: Env;
  readonly index: PackageIndex;
  readonly release: Release;
  /** An empty folder for wheels that are fetched whole. */
  readonly dir: string;
  /** The folder that members are unpacked into. */
  readonly target: string;
  readonly place: Place;
  /** Called with the total number of bytes received so far. */
  readonly onBytes: (done: number) => void;
  readonly signal?: AbortSignal | undefined;
  readonly waitMs?: number | undefined;
}

/** Fetches the needed members of a release's wheels from the index over HTTP and verifies each file. Throws a Failure. */
export async function fetchFromIndex(options: IndexFetch): Promise<void> {
  const { env, index, onBytes, release, signal, waitMs = 500 } = options;
  const client = await openIndexClient(index, env, signal);
  let done = 0;
  const count = (bytes: number) => {
    onBytes((done += bytes));
  };
  try {
    for (const wheel of release.wheels) {
      const url = await findWheel(client, index, wheel);
      const file = { url, client, signal, onBytes: count, waitMs };
      const before = done;
      try {
        if (wheel.record !== undefined) await fetchMembers(file, wheel, wheel.record, options);
        else await fetchWhole(file, wheel, options);
      } catch (error) {
        if (!(error instanceof NoRanges)) throw error;
        done = before;
        await fetchWhole(file, wheel, options, true);
      }
    }
  } finally {
    await client.close();
  }
}

/** Fetches single members, each verified by its hash in the wheel's RECORD, whose own hash is pinned. */
async function fetchMembers(
  file: RemoteFile,
  wheel: Wheel,
  record: string,
  { target, place, signal }: IndexFetch,
): Promise<void> {
  const zip = await openRemoteZip(file, wheel.bytes);
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  const hashes = await recordedHashes(zip, entries, wheel, record);
  const check = (member: string, found: Buffer) => {
    if (found.toString('base64url') !== hashes.get(member))
      throw wrongHash(member, found.toString('hex'), wheel);
  };
  await unpack(zip, target, { place, check, signal }, entries);
}

/** sha256 of each member in base64url, from the wheel's RECORD. */
async function recordedHashes(
  zip: Zip,
  entries: readonly Entry[],
  wheel: Wheel,
  pinned: string,
): Promise<ReadonlyMap<string, string>> {
  const entry = entries.find(({ fileName }) => fileName.endsWith('.dist-info/RECORD'));
  const content = entry === undefined ? '' : await text(await zip.openReadStreamPromise(entry));
  if (digest(content) !== pinned) throw wrongHash('RECORD', digest(content), wheel);
  const lines = content.split(/\r?\n/).map(line => /^(.*),sha256=([\w-]+),\d+$/.exec(line) ?? []);
  return new Map(lines.map(([, member = '', hash = '']) => [member, hash]));
}

async function fetchWhole(
  file: RemoteFile,
  wheel: Wheel,
  { dir, target, place, signal }: IndexFetch,
  inOnePiece = false,
): Promise<void> {
  await mkdir(join(dir, 'wheels'), { recursive: true });
  const path = join(dir, 'wheels', `${wheel.requirement.replace('==', '-')}.whl`);
  const bytes = inOnePiece ? wholeOf(file) : rangeOf(file, 0, wheel.bytes);
  await pipeline(bytes, createWriteStream(path));
  await unpackWheel(path, target, { place, signal }, [wheel]);
}

const wrongHash = (name: string, found: string, { requirement }: Wheel): Failure =>
  new Failure({
    code: 'wrong-hash',
    message: `${name} of ${requirement} is not the file that is expected: its sha256 is ${found}.`,
    hint: WRONG_HASH_HINT,
  });
