import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageVersions } from '../../host/packages.ts';
import { codeDir, isBuilt, packageRoot, pipeHome } from '../../host/paths.ts';
import { TENSORFLOW_VERSION, type Build } from './release.ts';
import type { Env } from '../../core/env.ts';

/*
 * $PIPE_HOME/tensorflow/
 *   2.21.0-cpu/                      renamed into place whole
 *     lib/libtensorflow_cc.so.2      the C and C++ API
 *     lib/libtensorflow_framework.so.2
 *     include/tensorflow/…           headers for the addon
 *     library.json                   the wheels that it was unpacked from
 *     quiet.node                     mutes stderr while the library is loaded
 *     kernels-avx2-….node            pipe's kernels, by instruction set and hash of the sources
 *     tfjs_binding-4.22.0.node       TensorFlow.js's addon, compiled last and renamed into place
 *   .work-<uuid>/, .work-<uuid>.json the working folder of a set-up and the identity of its process
 */

const require = createRequire(import.meta.url);

const TFJS = '@tensorflow/tfjs-node-gpu';

/** The sources of TensorFlow.js's addon. */
export const bindingDir = (): string =>
  isBuilt
    ? join(codeDir, 'tensorflow', 'binding')
    : join(dirname(require.resolve(`${TFJS}/package.json`)), 'binding');

const tfjsVersion = (): string => packageVersions(packageRoot, [TFJS])[TFJS] ?? 'unknown';

/** The libraries that the addon is linked with. */
export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

export const tensorflowHome = (env: Env): string => join(pipeHome(env), 'tensorflow');

export const libraryDir = (env: Env, build: Build): string =>
  join(tensorflowHome(env), `${TENSORFLOW_VERSION}-${build}`);

export const libraryRecord = (dir: string): string => join(dir, 'library.json');

export const addonPath = (dir: string): string => join(dir, `tfjs_binding-${tfjsVersion()}.node`);

export const quietPath = (dir: string): string => join(dir, 'quiet.node');

/** True when the folder holds the whole library: its record is written last, before the folder is renamed into place. */
export function hasLibrary(dir: string): boolean {
  const parts = [libraryRecord(dir), ...LIBRARIES.map(name => join(dir, 'lib', name))];
  return parts.every(path => existsSync(path) && statSync(path).size > 0);
}
