import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../core/experiment.ts';
import { collectGpus } from './gpus.ts';
import { packageRoot } from './paths.ts';

/** What an experiment runs on. `tensorflow` stays null until TensorFlow is loaded. */
export async function collectEnvironment(): Promise<Environment> {
  return {
    node: process.version,
    os: `${osName()} ${process.arch}`,
    cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism() },
    memoryBytes: totalmem(),
    gpus: await collectGpus(),
    tensorflow: null,
    packages: packageVersions(packageRoot),
  };
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

interface PackageJson {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * The installed version of a package and of its dependencies, or those named; one that is not installed is left out.
 */
export function packageVersions(root: string, names?: readonly string[]): Record<string, string> {
  const own = readPackage(root) ?? {};
  const { resolve } = createRequire(join(root, 'package.json'));
  const versions: Record<string, string> = { pipe: own.version ?? 'unknown' };
  for (const name of names ?? Object.keys(own.dependencies ?? {})) {
    const folders = resolve.paths(name) ?? [];
    const version = folders
      .map(folder => readPackage(join(folder, name))?.version)
      .find(found => found !== undefined);
    if (version !== undefined) versions[name] = version;
  }
  return versions;
}

function readPackage(folder: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
