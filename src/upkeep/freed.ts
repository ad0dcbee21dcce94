import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '../storage/names-in.ts';
import { onStorage } from '../storage/storage-failure.ts';
import type { Registry } from '../registry/index.ts';

/**
 * Space that deletion would free, in bytes. A file with several hard links counts with the thing that has the last of all its
 * links, wherever they are, and not at all while one remains elsewhere. Files that share blocks by reflink each count.
 */
export class Freed {
  /** Links seen of each file with several. */
  readonly #names = new Map<string, bigint>();

  /** Bytes freed by deleting a path after everything added before. Each path is added once. */
  add(path: string): number {
    return onStorage('read', path, () => this.#add(path));
  }

  #add(path: string): number {
    const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (status === undefined) return 0;
    if (status.isDirectory())
      return namesIn(path).reduce((sum, name) => sum + this.#add(join(path, name)), 0);
    if (status.nlink === 1n) return Number(status.size);
    const file = `${status.dev}:${status.ino}`;
    const names = (this.#names.get(file) ?? 0n) + 1n;
    this.#names.set(file, names);
    return names === status.nlink ? Number(status.size) : 0;
  }
}

/** A count that starts with everything in the trash, for the space that emptying the trash would free in addition. */
export function freedBesidesTrash({ trash }: Registry): Freed {
  const freed = new Freed();
  for (const { path } of trash.entries()) freed.add(path);
  return freed;
}
