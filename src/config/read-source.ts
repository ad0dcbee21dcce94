import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../core/failure.ts';
import { explainSystemError } from '../core/system-error.ts';
import { nearest } from './problems.ts';
import type { Source } from './source.ts';

const MAX_BYTES = 1_000_000;

/** Why a file could not be read, to be placed by the caller where the file is named. */
export type FileProblem = Omit<Problem, 'location'>;

/**
 * Reads a text file that a person wrote.
 * @param path Absolute.
 * @param name As shown in messages.
 */
export async function readSource(path: string, name: string): Promise<Source | FileProblem> {
  try {
    const info = await stat(path);
    if (!info.isFile()) return { code: 'not-a-file', message: `${name} is not a file` };
    if (info.size > MAX_BYTES) return tooLarge(name, info.size);
    const bytes = await readFile(path);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { name, dir: dirname(path), text };
  } catch (error) {
    return explain(error, path, name);
  }
}

export function isSource(read: Source | FileProblem): read is Source {
  return 'text' in read;
}

const tooLarge = (name: string, bytes: number): FileProblem => ({
  code: 'too-large',
  message: `${name} is too large`,
  expected: 'at most 1 MB',
  found: `${(bytes / 1e6).toFixed(1)} MB`,
});

async function explain(error: unknown, path: string, name: string): Promise<FileProblem> {
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return { code: 'not-text', message: `${name} is not UTF-8 text` };
  const refusal = explainSystemError(error);
  if (refusal === undefined) throw error;
  const { code, reason } = refusal;
  if (code === 'ENOENT' || code === 'ENOTDIR') return missingFile('file', path, name);
  return { code: 'unreadable-file', message: `cannot read ${name}: ${reason}` };
}

/** What is said of a file that is not there, with the name in the same folder that was most likely meant. */
export async function missingFile(noun: string, path: string, name: string): Promise<FileProblem> {
  const suggestion = nearest(basename(path), await entriesOf(dirname(path)));
  return {
    code: 'missing-file',
    message: `no ${noun} ${name}`,
    ...(suggestion !== undefined && { suggestion: join(dirname(name), suggestion) }),
  };
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // The folder is missing as well: there is nothing to suggest.
    return [];
  }
}
