import { realpathSync } from 'node:fs';
import { installedFolder, readPackage } from './packages.ts';

/**
 * Versions of installed packages and their dependencies, transitively, by name. All versions of a package are listed, sorted;
 * packages that are not installed are left out.
 * @param root The folder from which the names are resolved.
 */
export function packageClosure(root: string, names: readonly string[]): Record<string, string> {
  const versions = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const visit = (from: string, name: string) => {
    const found = installedFolder(from, name);
    // Resolves pnpm's links.
    const folder = found && realpathSync(found);
    if (folder === undefined || seen.has(folder)) return;
    seen.add(folder);
    const { version = 'unknown', ...own } = readPackage(folder) ?? {};
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
    const { dependencies, optionalDependencies, peerDependencies } = own;
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      visit(folder, needed);
  };
  for (const name of names) visit(root, name);
  const sorted = [...versions].map(([name, all]) => [name, [...all].sort().join(', ')] as const);
  return Object.fromEntries(sorted.sort(([a], [b]) => (a < b ? -1 : 1)));
}
