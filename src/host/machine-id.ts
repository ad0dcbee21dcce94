import { readFileSync } from 'node:fs';
import { sha256 } from '../core/sha256.ts';

/** Files with the id that a Linux system gets on installation. */
const FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/**
 * A hash of this machine's id, as systemd asks not to publish the id itself; undefined where there is none, as in many
 * containers. Cloned images share an id, so equal ids alone prove nothing.
 */
export function machineId(): string | undefined {
  for (const file of FILES) {
    const id = readIfPossible(file)?.trim();
    // In an image before installation, the file is empty or says `uninitialized`.
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
