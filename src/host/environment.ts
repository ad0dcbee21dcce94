import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Env } from '../core/env.ts';
import type { Environment } from '../core/experiment.ts';
import { collectGit } from './git.ts';
import { collectGpus } from './gpus.ts';
import { packageVersions, readPackage } from './packages.ts';
import { packageRoot } from './paths.ts';
import { computeThreads } from './processors.ts';
import { recordedVariables } from './variables.ts';

/**
 * The environment of an experiment. `tensorflow` stays null until TensorFlow is loaded.
 * @param read Names of environment variables that the pipeline reads.
 */
export async function collectEnvironment(env: Env, read: readonly string[] = []): Promise<Environment> {
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

/** pipe's version, and its commit where it runs from its own checkout: that of an enclosing repository would be misleading. */
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

/** The version of V8, whose arithmetic results depend on, without the suffix of Node's patches. */
export const engineVersion = (): string => process.versions.v8.replace(/-.*$/, '');
