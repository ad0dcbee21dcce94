/** Trees of files: listing, comparison with recorded hashes, and hard links. */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { FileHashes, stampOf, type HashedFile } from '../storage/file-hashes.ts';
import { linkOrCopy } from '../storage/publish.ts';

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

/** Links every file of a folder into another folder, which is created. */
export function linkTree({ folders, files }: Tree, from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const folder of folders) mkdirSync(join(to, folder), { recursive: true });
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    linkOrCopy(join(from, file), join(to, file));
  }
}

/** The first file with a changed stamp and different content; undefined when all are intact. */
export async function changedFile(root: string, files: readonly HashedFile[]): Promise<string | undefined> {
  const hashes = new FileHashes();
  for (const { path, bytes, sha256, stamp } of files) {
    const status = statSync(join(root, path), { bigint: true, throwIfNoEntry: false });
    if (status?.isFile() !== true || Number(status.size) !== bytes) return path;
    if (stampOf(status) !== stamp && (await hashes.hash(root, path))?.sha256 !== sha256) return path;
  }
  return undefined;
}

/** The first file whose content differs; every file of the recorded length is read. */
export async function changedContent(
  root: string,
  files: readonly Pick<HashedFile, 'path' | 'bytes' | 'sha256'>[],
  hashes: FileHashes,
): Promise<string | undefined> {
  for (const { path, bytes, sha256 } of files) {
    const status = statSync(join(root, path), { throwIfNoEntry: false });
    if (status?.size !== bytes || (await hashes.hash(root, path))?.sha256 !== sha256) return path;
  }
  return undefined;
}
