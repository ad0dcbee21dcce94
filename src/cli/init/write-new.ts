import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, systemFailure } from '../../core/system-error.ts';
import type { ProjectFile } from './project-files.ts';

/**
 * Writes a file where there is nothing of its name; false where there is something, which stays as it is.
 * @throws Failure that names the path; the file is then not there.
 */
export async function writeNew(folder: string, { path, content }: ProjectFile): Promise<boolean> {
  const target = join(folder, path);
  await naming(dirname(target), () => mkdir(dirname(target), { recursive: true }));
  return naming(target, () => create(target, content));
}

async function naming<T>(path: string, write: () => Promise<T>): Promise<T> {
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
