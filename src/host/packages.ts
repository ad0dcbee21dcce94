/** Installed packages, and pipe as one of them. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundledPackages } from './bundled-packages.ts';
import { packageRoot } from './paths.ts';

/** A package that a stage imports and npm installs. */
export const OWN_NAME = 'pipe-dl';

/** The names by which stages import from pipe: the package's, and the command's. */
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

/** True where `node_modules` of a folder, or of one above, has a package: there bundlers look, and not in Node's global folders. */
export function isInstalled(name: string, folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', name))) return true;
  const above = dirname(folder);
  return above !== folder && isInstalled(name, above);
}

/**
 * The installed version of a package and of its dependencies, or those named; one that is not installed is left out. What is
 * bundled with pipe's own code is no dependency of it, and counts before what happens to lie beside it.
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
