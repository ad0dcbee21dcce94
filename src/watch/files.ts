import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { FSWatcher } from 'chokidar';
import { stampOf } from '../storage/file-hashes.ts';

/** Milliseconds between two looks at what no listener tells. */
const INTERVAL = 300;

/** Watches files: calls back at each save. */
export interface FileWatcher {
  /**
   * Watches these files from now on, and no others. One that was not watched before and was written since `readAt`, the time when
   * its content was read, counts as saved.
   */
  watch(files: readonly string[], readAt?: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Compares what the paths lead to, whenever chokidar hears of their folders, and a few times a second besides: a listener of the
 * file system is bound to the folder that had the path when it began. It hears nothing once a folder is made again, a link
 * leads elsewhere, or a host writes to a mount; then it listens anew.
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

/** Hears of changes in the folders of files, as long as the paths lead to the same folders. */
class FolderListener {
  readonly #onChange: () => void;
  #listener: FSWatcher | undefined;
  #folders = '';

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Listens to these files' folders, anew where a path leads to another folder than before. */
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
    // Without a listener, as where the system has no more of them, the regular looks are enough.
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

/** A path that leads nowhere has a version, too: reading it says why. */
async function versionOf(file: string): Promise<{ readonly stamp: string; readonly writtenAt: number }> {
  const status = await stat(file, { bigint: true }).catch(() => undefined);
  // A file that is renamed into its place keeps the time of its content.
  return status === undefined
    ? { stamp: 'absent', writtenAt: -Infinity }
    : { stamp: stampOf(status), writtenAt: Number(status.ctimeMs) };
}
