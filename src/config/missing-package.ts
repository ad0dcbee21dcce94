import { isInstalled } from '../host/packages.ts';

/** A package's name with its scope, at the start of an import. */
const PACKAGE = /^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?=\/|$)/i;

/** The package of an import; undefined for `#internal`, `@/alias` and other names that no package can have. */
export const packageOf = (specifier: string): string | undefined => PACKAGE.exec(specifier)?.[0];

/** The package of an unresolved import, if it is not installed in a folder or above. */
export function missingPackage(specifier: string, folder: string): string | undefined {
  const name = packageOf(specifier);
  return name === undefined || isInstalled(name, folder) ? undefined : name;
}

export const installHint = (name: string): string => `npm install ${name}`;
