import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { stampOf } from '../registry/file-hashes.ts';

/** Milliseconds between two looks. */
const INTERVAL = 100;

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
 * Compares what the paths lead to several times a second. A listener of the file system is bound to the folder that had the path
 * when it began: it hears nothing once a folder is made again, a link leads elsewhere, or a host writes to a mount.
 */
export function openFileWatcher(onSaved: () => void): FileWatcher {
  const closing = new AbortController();
  let stamps = new Map<string, string>();
  const look = async () => {
    const seen = stamps;
    const found = await Promise.all(
      [...seen].map(async ([file, before]) => ({ file, before, ...(await versionOf(file)) })),
    );
    const changed = found.filter(({ before, stamp }) => before !== stamp);
    for (const { file, stamp } of changed) seen.set(file, stamp);
    if (changed.length > 0 && !closing.signal.aborted) onSaved();
  };
  const looking = untilAborted(look, closing.signal);
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
      if (found.some(({ isNew, writtenAt }) => isNew && writtenAt > readAt)) onSaved();
    },
    async close() {
      closing.abort();
      await looking;
    },
  };
}

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
