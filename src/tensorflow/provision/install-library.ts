import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ProgressEvent } from '../../core/events.ts';
import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/format.ts';
import { freeBytes, noSpace } from './disk.ts';
import { fetchFromIndex } from './fetch-from-index.ts';
import { hasLibrary, libraryDir, libraryRecord, LIBRARIES, tensorflowHome } from './layout.ts';
import type { Env } from '../../core/env.ts';
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
  /** Milliseconds before the first retry of a broken connection, doubled for each further one. */
  readonly waitMs?: number | undefined;
}

/**
 * Fetches, verifies and unpacks a release in a working folder, then renames it into place. An installed folder is complete,
 * whatever interrupts a set-up; two concurrent ones end with one of the two results. Throws a Failure.
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

/** Fetches from the index over HTTP; with pip where no index is known or the index fails, since pip may know a mirror or a login. */
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

/** Path of a wheel's member in the library's folder; undefined for most, which are not needed. */
function placeOf(member: string): string | undefined {
  // TensorFlow looks for the CUDA libraries and tools in ../nvidia, relative to its own.
  if (/^nvidia\/\w+\/(lib|bin|nvvm)\//.test(member)) return member;
  const path = /^tensorflow\/(.*)$/.exec(member)?.[1] ?? '';
  if (LIBRARIES.some(name => name === path)) return join('lib', path);
  const headers =
    /^include\/(tensorflow\/c\/|tensorflow\/core\/platform\/ctstring|tsl\/platform\/ctstring|xla\/tsl\/c\/)/;
  return headers.test(path) ? path : undefined;
}

const recordText = ({ build, wheels }: Release): string =>
  `${JSON.stringify({ tensorflow: TENSORFLOW_VERSION, build, wheels }, null, 2)}\n`;

/** Renames the library into place. A rename onto a non-empty folder fails: another process was faster, or it is damaged. */
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
