import type { ProgressEvent } from '../../core/events.ts';
import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/format.ts';
import { findOwn, installedLibrary, isComplete, type NativeLibrary } from './find-native.ts';
import { visibleGpus } from './gpu.ts';
import { installAddons, isPrebuilt } from './install-addons.ts';
import { installLibrary } from './install-library.ts';
import { hasLibrary, libraryDir } from './layout.ts';
import type { Env } from '../../core/env.ts';
import { packageIndex } from './package-index.ts';
import { probeAddons } from './probe.ts';
import {
  neededBytes,
  releaseBytes,
  releases,
  TENSORFLOW_VERSION,
  type Build,
  type Release,
} from './release.ts';

export interface StepControl {
  readonly onProgress: (event: ProgressEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface ProvisionStep {
  readonly id: string;
  /** The task, in the imperative. */
  readonly title: string;
  /** Does the task and returns a summary for the user. Throws a Failure with the command that fixes it. */
  readonly run: (control: StepControl) => Promise<string>;
}

export interface ProvisionOptions {
  readonly env: Env;
  /** By default the GPU build where there is an NVIDIA GPU, else the CPU build. */
  readonly build?: Build | undefined;
}

/**
 * Steps that set up TensorFlow's native library, in order; none where it is complete. Throws a Failure on platforms without
 * one (`unsupported-platform`).
 */
export async function planProvision(options: ProvisionOptions): Promise<readonly ProvisionStep[]> {
  const { env } = options;
  const own = findOwn(env);
  if (own) return isComplete(own) ? [] : addonSteps(env, own);
  requireSupportedPlatform();
  const build = options.build ?? (await suitableBuild(env));
  const native = installedLibrary(env, build);
  if (!hasLibrary(libraryDir(env, build)))
    return [libraryStep(env, releases[build], native), ...addonSteps(env, native)];
  return isComplete(native) ? [] : addonSteps(env, native);
}

async function suitableBuild(env: Env): Promise<Build> {
  return (await visibleGpus(env)).length > 0 ? 'gpu' : 'cpu';
}

function libraryStep(env: Env, release: Release, native: NativeLibrary): ProvisionStep {
  const fetchedBytes = packageIndex(env) === undefined ? releaseBytes : neededBytes;
  return {
    id: 'library',
    title: `fetch TensorFlow ${TENSORFLOW_VERSION}, ${release.title}: ${formatBytes(fetchedBytes(release))}, once`,
    run: async control => {
      await installLibrary({ env, release, ...control });
      return native.lib;
    },
  };
}

const addonSteps = (env: Env, native: NativeLibrary): readonly ProvisionStep[] => [
  {
    id: 'addon',
    title: `${isPrebuilt(native) ? 'place' : 'compile'} the addons: the bridge from Node to TensorFlow, and pipe’s kernels`,
    run: ({ signal }) => installAddons({ env, native, signal }),
  },
  {
    id: 'check',
    title: 'load them and multiply two matrices',
    run: async ({ signal }) => {
      const { gpu, version } = await probeAddons(native, env, signal);
      return `TensorFlow ${version} works, on the ${gpu ? 'GPU' : 'CPU'}`;
    },
  },
];

export const isSupportedPlatform = (): boolean => process.platform === 'linux' && process.arch === 'x64';

function requireSupportedPlatform(): void {
  if (isSupportedPlatform()) return;
  throw new Failure({
    code: 'unsupported-platform',
    message: `TensorFlow’s native library is set up on x64 Linux only; this is ${process.platform} ${process.arch}.`,
    details: ['Everything runs here on the pure JavaScript backend, slowly.'],
    hint: 'to use a libtensorflow of your own: PIPE_TENSORFLOW=<folder> pipe setup',
  });
}
