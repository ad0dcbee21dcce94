import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { compileAddon } from './compile-addon.ts';
import { findNative, installedLibrary, type NativeLibrary } from './find-native.ts';
import { installLibrary } from './install-library.ts';
import type { Env } from './layout.ts';
import { probeAddon } from './probe.ts';
import { cpuRelease, TENSORFLOW_VERSION } from './release.ts';

export interface StepControl {
  /** Gets what is being done at the moment, in a few words. */
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface ProvisionStep {
  readonly title: string;
  /** Does it and answers the closing words. Throws a Failure that names what fixes it. */
  readonly run: (control: StepControl) => Promise<string>;
}

/** What is missing before TensorFlow's native library can be used, in order; nothing when all is there. */
export function planProvision(env: Env): readonly ProvisionStep[] {
  const release = cpuRelease;
  const found = findNative(env);
  if (found && existsSync(found.addon)) return [];
  if (!found) requireSupportedPlatform();
  const native = found ?? installedLibrary(env, release.build);
  const megabytes = (release.wheels.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(0);
  const fetchStep: ProvisionStep = {
    title: `TensorFlow ${TENSORFLOW_VERSION}, ${release.build.toUpperCase()} build (${megabytes} MB, fetched once)`,
    run: async control => {
      await installLibrary({ env, release, ...control });
      return native.lib;
    },
  };
  return [...(found ? [] : [fetchStep]), addonStep(env, native), probeStep(env, native)];
}

const addonStep = (env: Env, native: NativeLibrary): ProvisionStep => ({
  title: 'The addon that reaches it from Node',
  run: async ({ onProgress, signal }) => {
    onProgress('compiling');
    await mkdir(dirname(native.addon), { recursive: true });
    await compileAddon({ env, ...native, target: native.addon, signal });
    return native.addon;
  },
});

const probeStep = (env: Env, native: NativeLibrary): ProvisionStep => ({
  title: 'Trying it',
  run: async ({ signal }) => {
    const { gpu, version } = await probeAddon(native.addon, env, signal);
    return `TensorFlow ${version} works, on the ${gpu ? 'GPU' : 'CPU'}`;
  },
});

function requireSupportedPlatform(): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new Failure({
    code: 'unsupported-platform',
    message: `TensorFlow’s native library is set up on x64 Linux only; this is ${process.platform} ${process.arch}.`,
    details: ['Everything runs here on the pure JavaScript backend, slowly.'],
    hint: 'to use a libtensorflow of your own: PIPE_TENSORFLOW=<folder> pipe setup',
  });
}
