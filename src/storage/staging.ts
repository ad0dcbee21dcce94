/**
 * Staging of unfinished files: `.staging/<owner>/` of a folder, on the same file system. Finished ones are renamed into place. A
 * killed process leaves its folder, whose name identifies the owner, so that the next process removes it.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileTime } from '../host/file-clock.ts';
import { currentProcess, liveness, type ProcessIdentity } from '../host/process-identity.ts';
import { deleteTree } from './delete-tree.ts';
import { makeFolders } from './make-folders.ts';
import { namesIn } from './names-in.ts';

const FOLDER = '.staging';
/** Milliseconds after which another host's folder counts as abandoned: a day. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/** The path of a new staging folder of this process; it is created on first use. */
export function stagingFolder(registry: string): string {
  return join(registry, FOLDER, `${encodeOwner(currentProcess())}.${unique()}`);
}

/** A new path in a staging folder, which is created if missing. */
export function stagingPath(staging: string): string {
  makeFolders(staging);
  return join(staging, unique());
}

/** A unique name. The global `crypto` loads on first use; importing node:crypto would slow commands that only read. */
export const unique = (): string => crypto.randomUUID().replaceAll('-', '');

/** Removes the staging folders of processes that are gone. */
export function sweepStaging(registry: string): void {
  for (const path of abandonedStaging(registry)) deleteTree(path);
}

/** The staging folders of processes that are gone. */
export function abandonedStaging(registry: string): string[] {
  const folder = join(registry, FOLDER);
  let now: number | undefined;
  const clock = () => (now ??= fileTime(join(folder, unique())));
  return namesIn(folder)
    .filter(name => isAbandoned(join(folder, name), name, clock))
    .map(name => join(folder, name));
}

/** @param clock The current time by the clock of the folder's file system. */
function isAbandoned(path: string, name: string, clock: () => number): boolean {
  const owner = decodeOwner(name);
  const state = owner === undefined ? 'unknown' : liveness(owner);
  if (state !== 'unknown') return state === 'gone';
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changed !== undefined && clock() - changed > ABANDONED_AFTER;
}

/** A process as a readable file name: `<pid>,<start>,<host>[,<machine>]`, percent-encoded. */
function encodeOwner({ pid, startTime, host, machine }: ProcessIdentity): string {
  const parts = [String(pid), startTime, host.slice(0, 64), ...(machine === undefined ? [] : [machine])];
  return parts.map(encodeURIComponent).join(',');
}

function decodeOwner(name: string): ProcessIdentity | undefined {
  const owner = /^(\d+),([^,]+),([^,]+?)(?:,([0-9a-f]+))?\.[0-9a-f]+$/.exec(name);
  if (owner === null) return undefined;
  const [, pid, startTime = '', host = '', machine] = owner;
  try {
    return {
      pid: Number(pid),
      startTime: decodeURIComponent(startTime),
      host: decodeURIComponent(host),
      ...(machine !== undefined && { machine }),
    };
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
