import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ProgressEvent } from '../../core/events.ts';
import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/format.ts';
import { freeBytes, noSpace } from './disk.ts';
import { hasLibrary, libraryDir, libraryRecord, LIBRARIES, tensorflowHome, type Env } from './layout.ts';
import { WRONG_HASH_HINT } from './pip-failure.ts';
import { fetchWheels } from './pip.ts';
import { peakBytes, releaseBytes, TENSORFLOW_VERSION, type Release } from './release.ts';
import { sha256, unpack } from './unpack.ts';
import { inWorkspace } from './workspace.ts';

export interface InstallOptions {
  readonly env: Env;
  readonly release: Release;
  readonly onProgress: (event: ProgressEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches, verifies and unpacks a release beside its final place, then renames it there whole. Whatever interrupts it, a
 * folder that is there is complete, and two processes that do it at once end with one of the two results.
 */
export async function installLibrary(options: InstallOptions): Promise<void> {
  const { env, onProgress, release, signal } = options;
  const home = tensorflowHome(env);
  const total = releaseBytes(release);
  const progress = (done: number, text: string) => {
    onProgress({ type: 'progress', done: Math.min(done, total), total, unit: 'bytes', text });
  };
  await inWorkspace(home, async dir => {
    await requireSpace(home, release);
    const onBytes = (bytes: number) => {
      progress(bytes, 'fetching');
    };
    const wheels = await fetchWheels({ env, release, dir, signal, onBytes });
    const fresh = join(dir, 'library');
    await mkdir(fresh);
    for (const wheel of wheels) {
      progress(total, `verifying ${basename(wheel)}`);
      await verify(wheel, release);
      progress(total, `unpacking ${basename(wheel)}`);
      await unpack(wheel, fresh, placeOf, signal);
    }
    await writeFile(libraryRecord(fresh), recordText(release), { flush: true });
    if (!hasLibrary(fresh))
      throw new Error(`${LIBRARIES.join(', ')}: not in ${wheels.map(path => basename(path)).join(', ')}`);
    await putInPlace(fresh, libraryDir(env, release.build), dir);
  });
}

/** Where a wheel's member belongs in the library's folder; most are not needed. */
function placeOf(member: string): string | undefined {
  // The CUDA libraries and tools are looked for in ../nvidia, seen from the library.
  if (/^nvidia\/\w+\/(lib|bin|nvvm)\//.test(member)) return member;
  const path = /^tensorflow\/(.*)$/.exec(member)?.[1] ?? '';
  if (LIBRARIES.some(name => name === path)) return join('lib', path);
  const headers =
    /^include\/(tensorflow\/c|tensorflow\/core\/platform\/ctstring|tsl\/platform\/ctstring|xla\/tsl\/c)/;
  return headers.test(path) ? path : undefined;
}

/** Verified here as well as by pip: this does not depend on pip's version or settings. */
async function verify(wheel: string, release: Release): Promise<void> {
  const found = await sha256(wheel);
  if (release.wheels.some(known => known.sha256 === found)) return;
  throw new Failure({
    code: 'wrong-hash',
    message: `${basename(wheel)} is not the file that is expected: its sha256 is ${found}.`,
    details: release.wheels.map(known => `expected ${known.sha256} for ${known.requirement}`),
    hint: WRONG_HASH_HINT,
  });
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
