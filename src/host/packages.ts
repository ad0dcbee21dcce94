/** Installed packages, and pipe as one of them. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundledPackages } from './bundled-packages.ts';
import { packageRoot } from './paths.ts';

/** The name of pipe's own package on npm. */
export const OWN_NAME = 'pipe-dl';

/** The module names by which stages import from pipe: the package's and the command's. */
export const OWN_NAMES: readonly string[] = [OWN_NAME, 'pipe'];

type Dependencies = Readonly<Record<string, string>>;

interface PackageJson {
  readonly version?: string;
  readonly dependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
}

/** The folder in which Node finds a package from another folder; undefined for one that is not installed. */
export function installedFolder(from: string, name: string): string | undefined {
  const folders = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  return folders.map(folder => join(folder, name)).find(folder => existsSync(join(folder, 'package.json')));
}

/** True for a package in `node_modules` of a folder or one above, where bundlers look; Node's global folders do not count. */
export function isInstalled(name: string, folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', name))) return true;
  const above = dirname(folder);
  return above !== folder && isInstalled(name, above);
}

/**
 * Installed versions of the package at `root` and of its dependencies, or of `names`; packages that are not installed are left
 * out. Packages bundled with pipe's own code take precedence over installed ones.
 */
export function packageVersions(root: string, names?: readonly string[]): Record<string, string> {
  const own = readPackage(root) ?? {};
  const bundled = root === packageRoot ? bundledPackages() : {};
  const versions: Record<string, string> = { pipe: own.version ?? 'unknown' };
  for (const name of names ?? [...Object.keys(bundled), ...Object.keys(own.dependencies ?? {})].sort()) {
    const folder = installedFolder(root, name);
    const version = bundled[name] ?? (folder && readPackage(folder)?.version);
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
