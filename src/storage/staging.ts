/**
 * Where unfinished things are: `.staging/<owner>/` of a folder, on its file system. Whatever is made there is renamed into
 * place whole; a process that is killed leaves its folder, whose name says whose it was, so that the next one removes it.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileTime } from '../host/file-clock.ts';
import { currentProcess, liveness, type ProcessIdentity } from '../host/process-identity.ts';
import { deleteTree } from './delete-tree.ts';
import { makeFolders } from './make-folders.ts';
import { namesIn } from './names-in.ts';

const FOLDER = '.staging';
/** Another host's folder is believed abandoned after a day, in milliseconds. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/** The path of a new staging folder of this process; it is made at its first use. */
export function stagingFolder(registry: string): string {
  return join(registry, FOLDER, `${encodeOwner(currentProcess())}.${unique()}`);
}

/** A path in a staging folder that nothing has yet. The folder is made where it is missing. */
export function stagingPath(staging: string): string {
  makeFolders(staging);
  return join(staging, unique());
}

/** The global `crypto` is loaded at its first use; node:crypto would be by every command that only reads. */
export const unique = (): string => crypto.randomUUID().replaceAll('-', '');

/** Removes what processes that are gone have left. */
export function sweepStaging(registry: string): void {
  for (const path of abandonedStaging(registry)) deleteTree(path);
}

/** The folders that processes which are gone have left. */
export function abandonedStaging(registry: string): string[] {
  const folder = join(registry, FOLDER);
  let now: number | undefined;
  const clock = () => (now ??= fileTime(join(folder, unique())));
  return namesIn(folder)
    .filter(name => isAbandoned(join(folder, name), name, clock))
    .map(name => join(folder, name));
}

/** @param clock The time by which the folder's own was given. */
function isAbandoned(path: string, name: string, clock: () => number): boolean {
  const owner = decodeOwner(name);
  const state = owner === undefined ? 'unknown' : liveness(owner);
  if (state !== 'unknown') return state === 'gone';
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changed !== undefined && clock() - changed > ABANDONED_AFTER;
}

/** A process as a file name that people can read: `<pid>,<start>,<host>[,<machine>]`, percent-encoded. */
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
