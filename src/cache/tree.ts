/** The files of a folder: what there is, whether they are what they were, and a second name for each. */
import { mkdirSync, readdirSync, statSync, type BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { sha256OfFile } from '../registry/artifact-files.ts';
import { linkOrCopy } from '../registry/publish.ts';

export interface TreeFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Size, time and inode when it was hashed: the same stamp, the same content. */
  readonly stamp: string;
}

export interface Tree {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** Folders and files below a folder, relative. @throws Failure for anything else, such as a symbolic link. */
export function treeOf(root: string): Tree {
  const folders: string[] = [];
  const files: string[] = [];
  const enter = (prefix: string) => {
    for (const entry of readdirSync(join(root, prefix), { withFileTypes: true })) {
      const path = `${prefix}${entry.name}`;
      if (entry.isFile()) files.push(path);
      else if (entry.isDirectory()) {
        folders.push(path);
        enter(`${path}/`);
      } else
        throw new Failure({
          code: 'not-a-file',
          message: `${printable(path)} is neither a file nor a folder`,
        });
    }
  };
  enter('');
  return { folders, files: files.sort() };
}

export const stampOf = ({ size, mtimeNs, ino }: BigIntStats): string => `${size} ${mtimeNs} ${ino}`;

/** Gives every file of one folder a name in another one, which is made. */
export function linkTree({ folders, files }: Tree, from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const folder of folders) mkdirSync(join(to, folder), { recursive: true });
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    linkOrCopy(join(from, file), join(to, file));
  }
}

/** Hashes one file. */
export async function hashFile(root: string, path: string): Promise<TreeFile> {
  const file = join(root, path);
  const status = statSync(file, { bigint: true });
  return {
    path,
    bytes: Number(status.size),
    stamp: stampOf(status),
    sha256: await sha256OfFile(file),
  };
}

/** The first file that is not what it was; undefined when all are. Only files whose stamp differs are read. */
export async function changedFile(root: string, files: readonly TreeFile[]): Promise<string | undefined> {
  for (const { path, bytes, sha256, stamp } of files) {
    const file = join(root, path);
    const status = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (status?.isFile() !== true || Number(status.size) !== bytes) return path;
    if (stampOf(status) !== stamp && (await sha256OfFile(file)) !== sha256) return path;
  }
  return undefined;
}
