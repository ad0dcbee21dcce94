import { isInstalled } from '../host/packages.ts';

/** A package's name, with its scope, in front of what is imported from it. */
const PACKAGE = /^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?=\/|$)/i;

/** The package that an import is from; undefined for `#internal`, `@/alias` and other names that no package can have. */
export const packageOf = (specifier: string): string | undefined => PACKAGE.exec(specifier)?.[0];

/** The package of an import that cannot be resolved, where it is not installed in a folder or above. */
export function missingPackage(specifier: string, folder: string): string | undefined {
  const name = packageOf(specifier);
  return name === undefined || isInstalled(name, folder) ? undefined : name;
}

export const installHint = (name: string): string => `npm install ${name}`;
