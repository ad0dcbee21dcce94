import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Env } from '../core/env.ts';
import { Failure } from '../core/failure.ts';
import { batchFiles } from './cifar-format.ts';
import { download, type DownloadOptions, type RemoteFile } from './download.ts';
import { fileFailure } from './file-failure.ts';
import { placeAt, resolveSource, type Bases, type Place } from './source-path.ts';

const FOLDER = 'cifar-10-batches-bin';
const ARCHIVE = 'cifar-10-binary.tar.gz';

/** The official archive. */
export const OFFICIAL_ARCHIVE: RemoteFile = {
  url: `https://www.cs.toronto.edu/~kriz/${ARCHIVE}`,
  bytes: 170_052_171,
  sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
};

export interface FindOptions extends Bases {
  /** The stage's id, for messages: `--set <id>.source=…`. */
  readonly stage: string;
  /** `$PIPE_HOME`: downloads are kept in its `datasets/`. */
  readonly home: string;
  readonly env: Env;
}

export interface LocateOptions extends FindOptions, DownloadOptions {
  /** An archive instead of the official one, for tests. */
  readonly remote?: RemoteFile;
}

/** The problem of a folder without CIFAR-10's binary files, as far as its file names show. */
function guess(names: readonly string[]): string {
  if (names.some(name => name.startsWith('cifar-100') || name === 'train.bin'))
    return 'This looks like CIFAR-100.';
  if (names.some(name => /^(cifar-10-batches-(py|mat)|data_batch_1(\.mat)?)$/.test(name)))
    return 'This looks like the Python or Matlab version; the binary version is needed.';
  if (names.length === 0) return 'It is empty.';
  return `It holds ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}.`;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    throw fileFailure(error, folder, 'read');
  });
}

/** The data set in a folder: the files themselves, the official folder, or the official archive. */
async function within(folder: string): Promise<Place | undefined> {
  const names = await namesIn(folder);
  if (batchFiles('all').some(file => names.includes(file))) return { kind: 'folder', path: folder };
  if (names.includes(FOLDER)) return { kind: 'folder', path: join(folder, FOLDER) };
  if (names.includes(ARCHIVE)) return { kind: 'archive', path: join(folder, ARCHIVE) };
  return undefined;
}

/** The data set at a place that the user named. @throws Failure when it is not there. */
async function named(source: string, what: string, bases: Bases): Promise<Place> {
  const place = await resolveSource(source, what, bases);
  if (place.kind === 'archive') return place;
  const found = await within(place.path);
  if (found !== undefined) return found;
  throw new Failure({
    code: 'not-cifar-10',
    exitCode: 2,
    message: `${what}: ${place.path} is not a CIFAR-10 folder: no data_batch_1.bin, no ${FOLDER}/ and no ${ARCHIVE} in it`,
    details: [guess(await namesIn(place.path))],
    hint: `Give the folder with the six .bin files of ${ARCHIVE} (the “binary version”), or that archive.`,
  });
}

function withWaysOut(failure: Failure, options: LocateOptions, url: string, archive: string): Failure {
  return new Failure({
    code: failure.code,
    message: failure.message,
    details: [
      ...failure.details,
      'CIFAR-10 was not found on this machine either. Other ways to continue:',
      `  a folder or archive that you have:  --set ${options.stage}.source=<folder or .tar.gz>`,
      `  the archive, fetched by other means from ${url}, put at:  ${archive}`,
      `  pictures that pipe draws itself:  --set ${options.stage}.source=synthetic`,
    ],
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    cause: failure,
  });
}

/** Looks for the data set in `$CIFAR10_DIR`, `data/` and the cache. */
async function onThisMachine(options: FindOptions): Promise<Place | undefined> {
  const given = options.env['CIFAR10_DIR'];
  if (given) return named(given, '$CIFAR10_DIR', options);
  for (const folder of [join(options.workingDir, 'data'), cacheOf(options)]) {
    const found = (await placeAt(folder))?.kind === 'folder' ? await within(folder) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const cacheOf = ({ home }: FindOptions) => join(home, 'datasets');

/** Finds the data set, or else downloads the archive into the cache. */
async function automatic(options: LocateOptions): Promise<Place> {
  const found = await onThisMachine(options);
  if (found !== undefined) return found;
  const remote = options.remote ?? OFFICIAL_ARCHIVE;
  const path = join(cacheOf(options), ARCHIVE);
  try {
    await download(remote, path, options);
  } catch (error) {
    throw error instanceof Failure ? withWaysOut(error, options, remote.url, path) : error;
  }
  return { kind: 'archive', path };
}

/** Like locateCifar without the network: undefined where it would be downloaded. */
export async function findCifar(source: string, options: FindOptions): Promise<Place | undefined> {
  return source === 'auto' ? onThisMachine(options) : named(source, `${options.stage}.source`, options);
}

/**
 * Finds CIFAR-10's binary files: at `source`, or for `auto` on this machine or else on the network.
 *
 * @throws Failure, with alternatives, when they are missing or cannot be downloaded
 * @throws Interrupted when the signal is aborted
 */
export async function locateCifar(source: string, options: LocateOptions): Promise<Place> {
  return source === 'auto' ? automatic(options) : named(source, `${options.stage}.source`, options);
}
