import { isAbsolute, relative, sep } from 'node:path';

/** True when `path` is `folder` or lies in it. Both are absolute; symbolic links are not resolved. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
