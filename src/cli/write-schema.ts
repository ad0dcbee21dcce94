import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';

/** Writes `schema/<name>` in a folder atomically; returns the path relative to the folder. */
export async function writeSchema(folder: string, name: string, text: string): Promise<string> {
  const shown = join('schema', name);
  const path = join(folder, shown);
  try {
    await mkdir(join(folder, 'schema'), { recursive: true });
    await writeFile(`${path}.tmp`, text);
    await rename(`${path}.tmp`, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Failure({
      code: 'cannot-write',
      message: `cannot write ${shown}: ${String(error.code)}`,
      hint: `is ${folder} a folder that you may write to?`,
      cause: error,
    });
  }
  return shown;
}
