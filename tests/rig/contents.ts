import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** sha256 of the files in a folder, by path. */
export async function contents(dir: string): Promise<Record<string, string>> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = names.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  const hashes = files.map(async path => {
    const hash = createHash('sha256').update(await readFile(path));
    return [path.slice(dir.length), hash.digest('hex')] as const;
  });
  return Object.fromEntries((await Promise.all(hashes)).sort());
}
