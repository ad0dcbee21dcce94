import { readFileSync } from 'node:fs';
import { sha256 } from '../core/sha256.ts';

/** Where a Linux system keeps the id that it got when it was installed. */
const FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/**
 * A hash of this machine's id, which systemd asks not to publish itself; undefined where there is none, as in many
 * containers. Images that were cloned with it share one, so that it tells machines apart, but proves nothing alone.
 */
export function machineId(): string | undefined {
  for (const file of FILES) {
    const id = readIfPossible(file)?.trim();
    // An image that is to be installed has an empty file, or the word `uninitialized`.
    if (id !== undefined && /^[0-9a-f]{32}$/.test(id)) return sha256(`pipe ${id}`).slice(0, 16);
  }
  return undefined;
}

function readIfPossible(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
