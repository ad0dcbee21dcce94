import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Total bytes of the files in a folder and its subfolders; 0 for a missing folder. Files that vanish during the count are ignored. */
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
