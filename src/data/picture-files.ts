import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Interrupted } from '../core/failure.ts';
import { readArchive } from './archive.ts';
import { fileFailure } from './file-failure.ts';
import type { Place } from './source-path.ts';

/** Takes one file: its number in the list asked for, its bytes' count, and a way to read it once. */
export type FileVisitor = (index: number, size: number, read: () => Promise<Buffer>) => Promise<void>;

/** Files of a folder or an archive. */
export interface PictureFiles {
  /** Every file, relative, with `/` between the parts of a path; in no particular order. */
  readonly paths: readonly string[];
  /** Visits the files named, in whatever order is fastest. */
  visit(paths: readonly string[], visitor: FileVisitor): Promise<void>;
}

/** Lists a folder's files, following links, each folder once. */
async function walk(root: string, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  const visited = new Set<string>();
  const enter = async (folder: string, prefix: string): Promise<void> => {
    if (signal.aborted) throw new Interrupted();
    const real = await realpath(folder);
    if (visited.has(real)) return;
    visited.add(real);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(path) : entry;
      if (kind.isDirectory()) await enter(path, `${prefix}${entry.name}/`);
      else if (kind.isFile()) found.push(prefix + entry.name);
    }
  };
  await enter(root, '').catch((error: unknown) => {
    throw fileFailure(error, root, 'read');
  });
  return found;
}

async function inFolder(root: string, signal: AbortSignal): Promise<PictureFiles> {
  return {
    paths: await walk(root, signal),
    async visit(paths, visitor) {
      for (const [index, path] of paths.entries()) {
        if (signal.aborted) throw new Interrupted();
        const file = join(root, path);
        const failed = (error: unknown) => {
          throw fileFailure(error, file, 'read');
        };
        const { size } = await stat(file).catch(failed);
        await visitor(index, size, () => readFile(file).catch(failed));
      }
    },
  };
}

/** Reads the archive twice: for the names, then for the files, so that neither the disk nor the memory has to hold it. */
async function inArchive(archive: string, signal: AbortSignal): Promise<PictureFiles> {
  // Where a name comes twice the later file counts, as it does when tar extracts.
  const ordinals = new Map<string, number>();
  let entries = 0;
  await readArchive(archive, signal, ({ path }) => void ordinals.set(path, entries++));
  return {
    paths: [...ordinals.keys()],
    async visit(paths, visitor) {
      const wanted = new Map(paths.map((path, index) => [ordinals.get(path), index]));
      let ordinal = 0;
      await readArchive(archive, signal, async ({ size, read }) => {
        const index = wanted.get(ordinal++);
        if (index !== undefined) await visitor(index, size, read);
      });
    },
  };
}

/** Lists the files of a folder or an archive, to be visited afterwards. */
export async function listFiles(place: Place, signal: AbortSignal): Promise<PictureFiles> {
  return place.kind === 'folder' ? inFolder(place.path, signal) : inArchive(place.path, signal);
}
