import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ProgressEvent } from '../../core/events.ts';
import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/format.ts';
import { freeBytes, noSpace } from './disk.ts';
import { fetchFromIndex } from './fetch-from-index.ts';
import { hasLibrary, libraryDir, libraryRecord, LIBRARIES, tensorflowHome, type Env } from './layout.ts';
import { packageIndex } from './package-index.ts';
import { fetchWheels, findPip } from './pip.ts';
import { neededBytes, peakBytes, releaseBytes, TENSORFLOW_VERSION, type Release } from './release.ts';
import { unpackWheel } from './unpack.ts';
import { inWorkspace } from './workspace.ts';

export interface InstallOptions {
  readonly env: Env;
  readonly release: Release;
  readonly onProgress: (event: ProgressEvent) => void;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds before a broken connection to the index is made again; doubled each time. */
  readonly waitMs?: number | undefined;
}

/**
 * Fetches, verifies and unpacks a release beside its final place, then renames it there whole. Whatever interrupts it, a
 * folder that is there is complete, and two processes that do it at once end with one of the two results.
 */
export async function installLibrary(options: InstallOptions): Promise<void> {
  const { env, release } = options;
  const home = tensorflowHome(env);
  await inWorkspace(home, async dir => {
    await requireSpace(home, release);
    const fresh = join(dir, 'library');
    await mkdir(fresh);
    await fill(fresh, dir, options);
    await writeFile(libraryRecord(fresh), recordText(release), { flush: true });
    if (!hasLibrary(fresh))
      throw new Error(
        `${LIBRARIES.join(', ')}: not in ${release.wheels.map(each => each.requirement).join(', ')}`,
      );
    await putInPlace(fresh, libraryDir(env, release.build), dir);
  });
}

/** From the index where its address is known, else, or when that fails, with pip: it may know what we do not. */
async function fill(fresh: string, dir: string, options: InstallOptions): Promise<void> {
  const index = packageIndex(options.env);
  if (index === undefined) return fillWithPip(fresh, dir, options);
  const { onBytes, total } = counter(options, neededBytes(options.release));
  try {
    await fetchFromIndex({ ...options, index, dir, target: fresh, place: placeOf, onBytes });
  } catch (error) {
    const mayBeMended = error instanceof Failure && /^(no-network|index-)/.test(error.code);
    if (!mayBeMended || (await findPip(options.env)) === undefined) throw error;
    options.onProgress({
      type: 'progress',
      done: 0,
      total,
      unit: 'bytes',
      text: `${error.message} Trying pip`,
    });
    await rm(fresh, { recursive: true });
    await mkdir(fresh);
    await fillWithPip(fresh, dir, options);
  }
}

async function fillWithPip(fresh: string, dir: string, options: InstallOptions): Promise<void> {
  const { env, release, signal } = options;
  const { onBytes, say } = counter(options, releaseBytes(release));
  for (const wheel of await fetchWheels({ env, release, dir, signal, onBytes })) {
    say(`verifying and unpacking ${basename(wheel)}`);
    await unpackWheel(wheel, fresh, { place: placeOf, signal }, release.wheels);
  }
}

function counter({ onProgress }: InstallOptions, total: number) {
  const progress = (done: number, text: string) => {
    onProgress({ type: 'progress', done: Math.min(done, total), total, unit: 'bytes', text });
  };
  return {
    total,
    onBytes: (done: number) => {
      progress(done, 'fetching');
    },
    say: (text: string) => {
      progress(total, text);
    },
  };
}

/** Where a wheel's member belongs in the library's folder; most are not needed. */
function placeOf(member: string): string | undefined {
  // The CUDA libraries and tools are looked for in ../nvidia, seen from the library.
  if (/^nvidia\/\w+\/(lib|bin|nvvm)\//.test(member)) return member;
  const path = /^tensorflow\/(.*)$/.exec(member)?.[1] ?? '';
  if (LIBRARIES.some(name => name === path)) return join('lib', path);
  const headers =
    /^include\/(tensorflow\/c\/|tensorflow\/core\/platform\/ctstring|tsl\/platform\/ctstring|xla\/tsl\/c\/)/;
  return headers.test(path) ? path : undefined;
}

const recordText = ({ build, wheels }: Release): string =>
  `${JSON.stringify({ tensorflow: TENSORFLOW_VERSION, build, wheels }, null, 2)}\n`;

/** A rename onto a folder that is not empty fails: then another process was first, or something damaged is in the way. */
async function putInPlace(fresh: string, target: string, workspace: string): Promise<void> {
  if (existsSync(target) && !hasLibrary(target)) await rename(target, join(workspace, 'damaged'));
  try {
    await rename(fresh, target);
  } catch (error) {
    if (!hasLibrary(target)) throw error;
  }
}

async function requireSpace(dir: string, release: Release): Promise<void> {
  const needed = peakBytes(release);
  const free = await freeBytes(dir);
  if (free >= needed) return;
  throw noSpace(
    `Setting up TensorFlow takes ${formatBytes(needed)} of disk space; ${formatBytes(free)} are free in ${dir}.`,
  );
}
