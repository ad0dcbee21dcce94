import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '../storage/names-in.ts';
import { onStorage } from '../storage/storage-failure.ts';
import type { Registry } from '../registry/index.ts';

/**
 * Space that deletion would free, in bytes. A file that has several names (hard links) is freed when its last
 * one goes: it counts with the thing that has the last of as many names as the file system knows of, wherever they are; while
 * one remains elsewhere it counts nowhere. Files that share blocks by reflink count each.
 */
export class Freed {
  /** Names seen of each file that has several. */
  readonly #names = new Map<string, bigint>();

  /** Bytes freed by deleting a file or folder as well as everything that was added before it. Each path is added once. */
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

/** One to which everything in the trash was added: a count that starts from it says what emptying the trash would free besides. */
export function freedBesidesTrash({ trash }: Registry): Freed {
  const freed = new Freed();
  for (const { path } of trash.entries()) freed.add(path);
  return freed;
}
