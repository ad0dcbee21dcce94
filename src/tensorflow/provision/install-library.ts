import { existsSync } from 'node:fs';
import { mkdir, rename, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { hasLibrary, libraryDir, libraryRecord, LIBRARIES, tensorflowHome, type Env } from './layout.ts';
import { fetchWheels } from './pip.ts';
import { TENSORFLOW_VERSION, type Release } from './release.ts';
import { sha256, unpack } from './unpack.ts';
import { inWorkspace } from './workspace.ts';

export interface InstallOptions {
  readonly env: Env;
  readonly release: Release;
  /** What is being done, for a progress line. */
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches, verifies and unpacks a release beside its final place, then renames it there whole. Whatever interrupts it, a
 * folder that is there is complete, and two processes that do it at once end with one of the two results.
 */
export async function installLibrary(options: InstallOptions): Promise<void> {
  const { env, onProgress, release, signal } = options;
  const home = tensorflowHome(env);
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  const total = release.wheels.reduce((sum, wheel) => sum + wheel.bytes, 0);
  await inWorkspace(home, async dir => {
    await requireSpace(home, total + release.unpackedBytes);
    onProgress('asking pip');
    const wheels = await fetchWheels({
      env,
      release,
      dir,
      signal,
      onBytes: bytes =>
        onProgress(`fetching: ${megabytes(Math.min(bytes, total))} of ${megabytes(total)} MB`),
    });
    const fresh = join(dir, 'library');
    await mkdir(fresh);
    for (const wheel of wheels) {
      onProgress(`verifying ${basename(wheel)}`);
      await verify(wheel, release);
      onProgress(`unpacking ${basename(wheel)}`);
      await unpack(wheel, fresh, placeOf, signal);
    }
    await writeFile(libraryRecord(fresh), recordText(release), { flush: true });
    if (!hasLibrary(fresh))
      throw new Error(`the wheels of ${release.build} do not hold ${LIBRARIES.join(', ')}`);
    await putInPlace(fresh, libraryDir(env, release.build), dir);
  });
}

/** Where a wheel's member belongs in the library's folder; most are not needed. */
function placeOf(member: string): string | undefined {
  const [top, ...rest] = member.split('/');
  if (top === 'nvidia') return rest.includes('lib') ? member : undefined;
  if (top !== 'tensorflow') return undefined;
  const path = rest.join('/');
  if (LIBRARIES.some(name => name === path)) return join('lib', path);
  const header =
    /^include\/(tensorflow\/c|tensorflow\/core\/platform\/ctstring|tsl\/platform\/ctstring|xla\/tsl\/c)/;
  return header.test(path) ? path : undefined;
}

/** Verified here as well as by pip: this does not depend on pip's version or settings. */
async function verify(wheel: string, release: Release): Promise<void> {
  const found = await sha256(wheel);
  if (release.wheels.some(known => known.sha256 === found)) return;
  throw new Failure({
    code: 'wrong-hash',
    message: `${basename(wheel)} is not the file that is expected.`,
    details: [
      `expected sha256 ${release.wheels.map(known => known.sha256).join(' or ')}`,
      `found    sha256 ${found}`,
    ],
    hint: 'fetch again: pipe setup; if it happens again, look at the package index that pip uses: pip config list',
  });
}

const recordText = (release: Release): string =>
  `${JSON.stringify({ tensorflow: TENSORFLOW_VERSION, build: release.build, wheels: release.wheels }, null, 2)}\n`;

/** A rename onto a folder that is not empty fails: then another process was first, or something damaged is in the way. */
async function putInPlace(fresh: string, target: string, workspace: string): Promise<void> {
  if (existsSync(target) && !hasLibrary(target)) await rename(target, join(workspace, 'damaged'));
  try {
    await rename(fresh, target);
  } catch (error) {
    if (!hasLibrary(target)) throw error;
  }
}

async function requireSpace(dir: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  if (free >= bytes) return;
  const gigabytes = (value: number) => (value / 1e9).toFixed(1);
  throw new Failure({
    code: 'no-space',
    message: `TensorFlow needs ${gigabytes(bytes)} GB, and ${gigabytes(free)} GB are free in ${dirname(dir)}.`,
    hint: 'free some space, or put the cache elsewhere: PIPE_HOME=/some/where pipe setup',
  });
}
