import { readdirSync, realpathSync, statSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readRegularFile } from '../storage/read-file.ts';
import { replaceFile } from '../storage/atomic.ts';
import { sha256OfFile, stampOf } from '../storage/file-hashes.ts';
import { makeFolders } from '../storage/make-folders.ts';
import { namesIn } from '../storage/names-in.ts';
import { stagingPath } from '../storage/staging.ts';
import { errorCode, onStorage } from '../storage/storage-failure.ts';
import { joinedPath, shownName } from '../core/file-name.ts';
import { isSha256, sha256OfLines } from '../core/sha256.ts';

/**
 * Milliseconds between reading the time stamps of files and hashing them: a later change has another time stamp, whichever clock
 * the file system uses.
 */
const SETTLING = 100;

/** In bytes; a hash is shorter. */
const LONGEST = 1000;

interface Stamped {
  readonly path: string;
  readonly file: Buffer;
  readonly stamp: string;
}

/**
 * Content hashes of users' data. The hash of files with certain sizes, times and inodes is cached in a folder, so that data is
 * read once. The times include ctime, which users cannot set, unlike mtime.
 */
export class ContentDigests {
  readonly #folder: string;
  readonly #fresh = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Hash of the content of a file or a folder. */
  async digest(path: string): Promise<string> {
    const files = onStorage('read', path, () => filesAt(path));
    const key = sha256OfLines(files.map(({ path, stamp }) => `${path}\0${stamp}`));
    const known = this.#fresh.get(key) ?? readIfThere(join(this.#folder, key));
    if (known !== undefined) return known;
    await setTimeout(SETTLING);
    const lines: string[] = [];
    for (const { path, file, stamp } of files)
      lines.push(`${path}\0${stamp === BROKEN ? BROKEN : await sha256OfFile(file)}`);
    // The name of a single file does not count.
    const digest =
      files.length === 1 && files[0]?.path === '' ? (lines[0] ?? '').slice(1) : sha256OfLines(lines);
    this.#fresh.set(key, digest);
    return digest;
  }

  /** The files that cache other hashes than these. */
  filesBesides(digests: ReadonlySet<string>): string[] {
    return onStorage('read', this.#folder, () => namesIn(this.#folder))
      .filter(isSha256)
      .map(name => join(this.#folder, name))
      .filter(file => !digests.has(readIfThere(file) ?? ''));
  }

  /** Saves the new hashes. */
  save(staging: string): void {
    if (this.#fresh.size > 0) onStorage('write', this.#folder, () => makeFolders(this.#folder));
    const newPath = () => stagingPath(staging);
    for (const [key, digest] of this.#fresh) replaceFile(join(this.#folder, key), digest, newPath);
    this.#fresh.clear();
  }
}

/** All files of a file or folder. Follows links, each folder once; a dangling link is an entry without content. */
function filesAt(root: string): readonly Stamped[] {
  const found: Stamped[] = [];
  const visited = new Set<string>();
  const enter = (path: string, file: Buffer) => {
    const status = path === '' ? statSync(file, { bigint: true }) : statusOf(file);
    if (status === undefined) found.push({ path, file, stamp: BROKEN });
    if (status?.isFile()) found.push({ path, file, stamp: `${stampOf(status)} ${status.ctimeNs}` });
    if (!status?.isDirectory()) return;
    const real = realpathSync(file, 'buffer').toString('latin1');
    if (visited.has(real)) return;
    visited.add(real);
    // Names are bytes to the system, and not all of them are UTF-8.
    for (const name of readdirSync(file, 'buffer').sort((one, other) => one.compare(other)))
      enter(path === '' ? shownName(name) : `${path}/${shownName(name)}`, joinedPath(file, name));
  };
  enter('', Buffer.from(root));
  return found;
}

const BROKEN = 'a link that leads nowhere';

function statusOf(file: Buffer): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (errorCode(error) !== 'ELOOP') throw error;
    return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  const reading = readRegularFile(path, LONGEST);
  return 'content' in reading ? reading.content.toString() : undefined;
}
