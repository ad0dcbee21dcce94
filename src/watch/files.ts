import { dirname } from 'node:path';

/** Watches files: calls back at each save. */
export interface FileWatcher {
  /** Watches these files from now on, and no others. Resolves when it does. */
  watch(files: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Watches the folders of the files, not the files: an editor that saves by rename puts another file in their place, and a
 * missing file may appear.
 */
export async function openFileWatcher(onSaved: () => void): Promise<FileWatcher> {
  const { watch } = await import('chokidar');
  let watcher: ReturnType<typeof watch> | undefined;
  let watched: ReadonlySet<string> = new Set();
  return {
    async watch(files) {
      const wanted = new Set(files);
      if (watched.size === wanted.size && files.every(file => watched.has(file))) return;
      const fresh = watch([...new Set(files.map(file => dirname(file)))], {
        depth: 0,
        ignoreInitial: true,
        // The debounce waits longer than any editor needs for its rename.
        atomic: false,
        ignored: (path, stats) => stats?.isFile() === true && !wanted.has(path),
      });
      fresh.on('all', (_, path) => {
        if (wanted.has(path)) onSaved();
      });
      await new Promise<void>(resolve => fresh.once('ready', resolve));
      await watcher?.close();
      watcher = fresh;
      watched = wanted;
    },
    close: async () => watcher?.close(),
  };
}
