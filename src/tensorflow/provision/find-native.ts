import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { addonPath, hasLibrary, libraryDir, LIBRARIES, quietPath, tensorflowHome } from './layout.ts';
import type { Env } from '../../core/env.ts';
import { compiled, kernelsIn, type Kernels } from './kernels.ts';
import type { Build } from './release.ts';

/** A TensorFlow library on this machine with its addons, which may not be compiled yet. */
export interface NativeLibrary {
  /** `own` for the user's folder that `$PIPE_TENSORFLOW` names. */
  readonly build: Build | 'own';
  readonly lib: string;
  readonly include: string;
  /** File names in `lib` of the libraries to link with. */
  readonly libraries: readonly string[];
  /** Path of TensorFlow.js's addon. */
  readonly addon: string;
  /** Where the addon looks for the libraries at run time; `$ORIGIN` is its own folder. */
  readonly rpath: string;
  /** Path of the addon that mutes stderr while the library is loaded. */
  readonly quiet: string;
  /** pipe's kernels; undefined for processors that they do not support. */
  readonly kernels: Kernels | undefined;
}

/** True when the addons that reach TensorFlow are installed. Only loading them shows whether they work. */
export const isReady = ({ addon, quiet }: NativeLibrary): boolean => existsSync(addon) && existsSync(quiet);

/** True when pipe's kernels are installed as well. Without them everything works, but slower. */
export const isComplete = (native: NativeLibrary): boolean =>
  isReady(native) && compiled(native.kernels) === native.kernels;

/** The library in use: the user's own, else the GPU build if installed, else the CPU build; undefined for none. */
export function findNative(env: Env): NativeLibrary | undefined {
  const own = findOwn(env);
  if (own) return own;
  const installed = (['gpu', 'cpu'] as const)
    .filter(build => hasLibrary(libraryDir(env, build)))
    .map(build => installedLibrary(env, build));
  return installed.find(isReady) ?? installed[0];
}

/** The library in pipe's own folder, installed or not. */
export function installedLibrary(env: Env, build: Build): NativeLibrary {
  const dir = libraryDir(env, build);
  return {
    build,
    lib: join(dir, 'lib'),
    include: join(dir, 'include'),
    libraries: LIBRARIES,
    addon: addonPath(dir),
    rpath: '$ORIGIN/lib',
    quiet: quietPath(dir),
    kernels: kernelsIn(dir),
  };
}

/** File names of TensorFlow's C API: in the Python package, and as libtensorflow. */
const knownNames = [LIBRARIES, ['libtensorflow.so.2', 'libtensorflow_framework.so.2']] as const;

/** The library that `$PIPE_TENSORFLOW` names. Throws a Failure (`no-tensorflow-there`) if that folder has none. */
export function findOwn(env: Env): NativeLibrary | undefined {
  const named = env['PIPE_TENSORFLOW'];
  if (!named) return undefined;
  const given = resolve(named);
  for (const lib of [given, join(given, 'lib'), join(given, 'tensorflow')]) {
    const libraries = knownNames.find(names => names.every(name => existsSync(join(lib, name))));
    const include = [join(lib, 'include'), join(lib, '..', 'include')].find(path =>
      existsSync(join(path, 'tensorflow', 'c', 'c_api.h')),
    );
    if (libraries === undefined || include === undefined) continue;
    const key = createHash('sha256').update(lib).digest('hex').slice(0, 16);
    const dir = join(tensorflowHome(env), `own-${key}`);
    const addons = { addon: addonPath(dir), quiet: quietPath(dir), kernels: kernelsIn(dir) };
    return { build: 'own', lib, include, libraries, rpath: lib, ...addons };
  }
  throw new Failure({
    code: 'no-tensorflow-there',
    message: `PIPE_TENSORFLOW is ${given}, and no TensorFlow library with its headers is there.`,
    details: [
      `looked for ${knownNames.map(names => names.join(' + ')).join(', or ')}, and include/tensorflow/c/c_api.h`,
    ],
    hint: 'name the folder of libtensorflow or of an installed Python tensorflow, or unset PIPE_TENSORFLOW',
    exitCode: 2,
  });
}
