import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes in a folder's files, however deep; 0 for a folder that is not there. Files that vanish meanwhile count as nothing. */
export async function folderBytes(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map(name =>
      stat(join(dir, name)).then(
        entry => (entry.isFile() ? entry.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
