import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, systemFailure } from '../../core/system-error.ts';
import type { ProjectFile } from './project-files.ts';

/**
 * Writes a new file; false if one exists, which stays unchanged.
 * @throws Failure that names the path; the file then does not exist.
 */
export async function writeNew(folder: string, { path, content }: ProjectFile): Promise<boolean> {
  const target = join(folder, path);
  await withPath(dirname(target), () => mkdir(dirname(target), { recursive: true }));
  return withPath(target, () => create(target, content));
}

async function withPath<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw systemFailure(error, { code: 'cannot-write', verb: 'write', path }) ?? error;
  }
}

async function create(path: string, content: string): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    if (errorCode(error) === 'EEXIST') return undefined;
    throw error;
  });
  if (file === undefined) return false;
  try {
    await file.writeFile(content);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return true;
}
