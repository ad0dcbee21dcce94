import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { FSWatcher } from 'chokidar';
import { stampOf } from '../storage/file-hashes.ts';

/** Milliseconds between two polls for changes that no listener reports. */
const INTERVAL = 300;

/** Watcher of files that calls back on each save. */
export interface FileWatcher {
  /**
   * Watches these files from now on, and no others. A newly watched file that was written after `readAt`, the time when its
   * content was read, counts as saved.
   */
  watch(files: readonly string[], readAt?: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a watcher that compares the files of paths on each event of chokidar in their folders, and a few times a second: a
 * listener of the file system is bound to the folder of a path at its start. It misses a recreated folder, a changed link, or
 * writes of a host to a mount; it is then renewed.
 */
export function openFileWatcher(onSaved: () => void): FileWatcher {
  const closing = new AbortController();
  const listener = new FolderListener(() => void look());
  let stamps = new Map<string, string>();
  let looking = Promise.resolve();
  const look = () => (looking = looking.then(compare));
  const compare = async () => {
    if (closing.signal.aborted) return;
    const seen = stamps;
    const found = await Promise.all(
      [...seen].map(async ([file, before]) => ({ file, before, ...(await versionOf(file)) })),
    );
    const changed = found.filter(({ before, stamp }) => before !== stamp);
    for (const { file, stamp } of changed) seen.set(file, stamp);
    await listener.listen([...stamps.keys()]);
    if (changed.length > 0 && !closing.signal.aborted) onSaved();
  };
  const lookingNow = untilAborted(look, closing.signal);
  return {
    async watch(files, readAt = Infinity) {
      const known = stamps;
      const found = await Promise.all(
        files.map(async file => {
          const version = await versionOf(file);
          return { file, isNew: !known.has(file), ...version };
        }),
      );
      stamps = new Map(found.map(({ file, stamp }) => [file, known.get(file) ?? stamp]));
      await look();
      if (found.some(({ isNew, writtenAt }) => isNew && writtenAt > readAt)) onSaved();
    },
    async close() {
      closing.abort();
      await lookingNow;
      await looking;
      await listener.close();
    },
  };
}

/** Listener for changes in the folders of files, as long as the paths lead to the same folders. */
class FolderListener {
  readonly #onChange: () => void;
  #listener: FSWatcher | undefined;
  #folders = '';

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Listens to these files' folders, renewed where a path leads to a different folder than before. */
  async listen(files: readonly string[]): Promise<void> {
    const paths = [...new Set(files.map(file => dirname(file)))];
    const found = await Promise.all(paths.map(async path => ({ path, id: await folderId(path) })));
    const folders = found.flatMap(({ path, id }) => (id === undefined ? [] : [`${id} ${path}`])).join('\n');
    if (folders === this.#folders) return;
    this.#folders = folders;
    const there = found.flatMap(({ path, id }) => (id === undefined ? [] : [path]));
    const listener = there.length === 0 ? undefined : await this.#listenTo(there);
    await this.#listener?.close();
    this.#listener = listener;
  }

  async #listenTo(folders: readonly string[]): Promise<FSWatcher> {
    const { watch } = await import('chokidar');
    const listener = watch([...folders], { depth: 0, ignoreInitial: true, atomic: false });
    // Without a listener, as when the system's limit is reached, polling is enough.
    listener.on('all', this.#onChange).on('error', this.#onChange);
    return listener;
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }
}

const folderId = async (path: string): Promise<string | undefined> => {
  const status = await stat(path, { bigint: true }).catch(() => undefined);
  return status?.isDirectory() === true ? `${status.dev}:${status.ino}` : undefined;
};

async function untilAborted(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await setTimeout(INTERVAL, undefined, { signal });
      await look();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The version of a file. A dangling path has one as well: reading it reports why. */
async function versionOf(file: string): Promise<{ readonly stamp: string; readonly writtenAt: number }> {
  const status = await stat(file, { bigint: true }).catch(() => undefined);
  // A file that is renamed into place keeps its modification time.
  return status === undefined
    ? { stamp: 'absent', writtenAt: -Infinity }
    : { stamp: stampOf(status), writtenAt: Number(status.ctimeMs) };
}
