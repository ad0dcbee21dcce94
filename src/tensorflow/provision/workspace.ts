import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileTime } from '../../host/file-clock.ts';
import { diskFailure, notWritable } from './disk.ts';
import {
  currentProcess,
  liveness,
  parseIdentity,
  type ProcessIdentity,
} from '../../host/process-identity.ts';
import { parseJson } from '../../core/parse-json.ts';

const OWNER = /^(\.work-[0-9a-f-]+)\.json$/;
const DAY = 24 * 60 * 60 * 1000;

/**
 * Runs `work` in a new folder inside `parent` and removes the folder afterwards. A file beside it identifies the owning process:
 * the next call removes folders of processes that were killed, never one of a running process. Throws a Failure for a
 * full or read-only disk.
 */
export async function inWorkspace<T>(parent: string, work: (dir: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true }).catch((error: unknown) => {
    throw notWritable(parent, error);
  });
  try {
    await sweep(parent);
    return await inNewFolder(join(parent, `.work-${randomUUID()}`), work);
  } catch (error) {
    throw diskFailure(error, parent) ?? error;
  }
}

async function inNewFolder<T>(dir: string, work: (dir: string) => Promise<T>): Promise<T> {
  try {
    // Written first: a folder without an owner would never be removed.
    await writeFile(`${dir}.json`, JSON.stringify(currentProcess()));
    await mkdir(dir);
    return await work(dir);
  } finally {
    await remove(dir);
  }
}

async function sweep(parent: string): Promise<void> {
  for (const file of await readdir(parent)) {
    const name = OWNER.exec(file)?.[1];
    if (name !== undefined && (await isAbandoned(join(parent, file)))) await remove(join(parent, name));
  }
}

async function remove(dir: string): Promise<void> {
  // A killed pip's own child may still be writing for a moment.
  await rm(dir, { recursive: true, force: true, maxRetries: 10 });
  await rm(`${dir}.json`, { force: true });
}

/** Processes of other hosts or containers are not visible here: their folders are kept for a day. */
async function isAbandoned(ownerFile: string): Promise<boolean> {
  const owner = await readFile(ownerFile, 'utf8').then(parseOwner, () => undefined);
  if (owner !== undefined && liveness(owner) !== 'unknown') return liveness(owner) === 'gone';
  const changed = await stat(ownerFile).then(
    ({ mtimeMs }) => mtimeMs,
    // Its owner has just removed it.
    () => Infinity,
  );
  // A kill before this file's removal leaves a file without an owner, which is removed after a day.
  return fileTime(join(dirname(ownerFile), `.work-${randomUUID()}.json`)) - changed > DAY;
}

/** Undefined for a truncated file. */
const parseOwner = (text: string): ProcessIdentity | undefined => parseIdentity(parseJson(text));
