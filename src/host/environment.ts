import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../core/experiment.ts';
import { bundledPackages } from './bundled-packages.ts';
import { collectGit } from './git.ts';
import { collectGpus } from './gpus.ts';
import { packageRoot } from './paths.ts';
import { computeThreads } from './processors.ts';
import { recordedVariables } from './variables.ts';

/**
 * What an experiment runs on. `tensorflow` stays null until TensorFlow is loaded.
 * @param read Names of environment variables that the pipeline reads.
 */
export async function collectEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  read: readonly string[] = [],
): Promise<Environment> {
  const [gpus, pipe] = await Promise.all([collectGpus(), ownVersion()]);
  return {
    node: process.version,
    os: `${osName()} ${process.arch}`,
    cpu: {
      model: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      threads: computeThreads(env),
    },
    memoryBytes: totalmem(),
    gpus,
    tensorflow: null,
    packages: packageVersions(packageRoot),
    pipe,
    ...recordedVariables(env, read),
  };
}

/** Where pipe is a checkout of its own, its commit too; within another repository that one's would be misleading. */
async function ownVersion(): Promise<NonNullable<Environment['pipe']>> {
  const version = readPackage(packageRoot)?.version ?? 'unknown';
  const git = existsSync(join(packageRoot, '.git')) ? await collectGit(packageRoot) : null;
  return { version, commit: git?.commit ?? null, dirty: git?.dirty === true };
}

/** `Debian GNU/Linux 12 (bookworm), Linux 6.1.0`. */
function osName(): string {
  const kernel = `${type()} ${release()}`;
  if (process.platform !== 'linux') return kernel;
  try {
    const name = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    return name === undefined ? kernel : `${name}, ${kernel}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return kernel;
  }
}

type Dependencies = Readonly<Record<string, string>>;

interface PackageJson {
  readonly version?: string;
  readonly dependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
}

/** The version of V8, on whose arithmetic results depend, without the number of Node's own patches. */
export const engineVersion = (): string => process.versions.v8.replace(/-.*$/, '');

/**
 * The installed version of a package and of its dependencies, or those named; one that is not installed is left out. What is
 * bundled with pipe's own code is no dependency of it, and counts before what happens to lie beside it.
 */
export function packageVersions(root: string, names?: readonly string[]): Record<string, string> {
  const own = readPackage(root) ?? {};
  const { resolve } = createRequire(join(root, 'package.json'));
  const bundled = root === packageRoot ? bundledPackages() : {};
  const versions: Record<string, string> = { pipe: own.version ?? 'unknown' };
  for (const name of names ?? [...Object.keys(bundled), ...Object.keys(own.dependencies ?? {})].sort()) {
    const folders = resolve.paths(name) ?? [];
    const version =
      bundled[name] ??
      folders.map(folder => readPackage(join(folder, name))?.version).find(found => found !== undefined);
    if (version !== undefined) versions[name] = version;
  }
  return versions;
}

/** A folder's package.json; undefined where there is none. */
export function readPackage(folder: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
