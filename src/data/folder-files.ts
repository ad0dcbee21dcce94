import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { Interrupted } from '../core/failure.ts';
import { joinedPath, shownName } from '../core/file-name.ts';
import { errorCode } from '../core/system-error.ts';
import { fileFailure } from './file-failure.ts';
import type { PictureFiles } from './listed-files.ts';

interface Found {
  /** Paths of files, by the path to show. */
  readonly files: Map<string, Buffer>;
  readonly broken: Map<string, string>;
  readonly emptyFolders: string[];
}

/** Permanent reasons why an entry cannot be read: its link has no target. */
const BROKEN: Readonly<Record<string, string>> = {
  ENOENT: 'the link leads nowhere',
  ELOOP: 'its symbolic links lead in a circle',
};

/** Lists a folder's files, following links, each folder once. */
async function walk(root: string, signal: AbortSignal): Promise<Found> {
  const found: Found = { files: new Map(), broken: new Map(), emptyFolders: [] };
  const visited = new Set<string>();
  const enter = async (folder: Buffer, shown: string): Promise<void> => {
    if (signal.aborted) throw new Interrupted();
    const read = async <T>(operation: Promise<T>) =>
      operation.catch((error: unknown) => {
        throw fileFailure(error, shown === '' ? root : `${root}/${shown}`, 'read');
      });
    const real = (await read(realpath(folder, 'buffer'))).toString('latin1');
    if (visited.has(real)) return;
    visited.add(real);
    const entries = await read(readdir(folder, { withFileTypes: true, encoding: 'buffer' }));
    if (entries.length === 0) found.emptyFolders.push(shown);
    for (const entry of entries) {
      const path = joinedPath(folder, entry.name);
      const name = shown === '' ? shownName(entry.name) : `${shown}/${shownName(entry.name)}`;
      const kind = await kindOf(entry, path, `${root}/${name}`);
      if (kind === 'folder') await enter(path, name);
      else {
        found.files.set(name, path);
        if (kind !== 'file') found.broken.set(name, kind);
      }
    }
  };
  await enter(Buffer.from(root), '');
  return found;
}

/** The kind of an entry, or why it cannot be read. */
async function kindOf(entry: Dirent<Buffer>, path: Buffer, shown: string): Promise<string> {
  try {
    const status = entry.isSymbolicLink() ? await stat(path) : entry;
    return status.isDirectory() ? 'folder' : status.isFile() ? 'file' : 'it is no regular file';
  } catch (error) {
    const reason = BROKEN[errorCode(error) ?? ''];
    if (reason === undefined) throw fileFailure(error, shown, 'read');
    return reason;
  }
}

/** The files of a folder. Names are bytes to the system, and not all of them are UTF-8. */
export async function inFolder(root: string, signal: AbortSignal): Promise<PictureFiles> {
  const { files, broken, emptyFolders } = await walk(root, signal);
  return {
    paths: [...files.keys()],
    broken,
    emptyFolders,
    async visit(paths, visitor) {
      for (const [index, path] of paths.entries()) {
        if (signal.aborted) throw new Interrupted();
        const file = files.get(path) ?? Buffer.from(`${root}/${path}`);
        const failed = (error: unknown) => {
          throw fileFailure(error, `${root}/${path}`, 'read');
        };
        const { size } = await stat(file).catch(failed);
        await visitor(index, size, () => readFile(file).catch(failed));
      }
    },
  };
}
