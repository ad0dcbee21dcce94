import { constants } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Problem } from '../core/failure.ts';
import { nearest } from '../core/nearest.ts';
import { explainSystemError } from '../core/system-error.ts';
import type { Source } from './source.ts';

/** Largest file to read, in bytes: users write smaller ones. */
export const MAX_BYTES = 1_000_000;

export const megabytes = (bytes: number): string => `${Number((bytes / 1e6).toFixed(1))} MB`;

/** A kind of file: only files of the same kind are suggested. */
export interface FileKind {
  readonly noun: string;
  readonly extension: RegExp;
}

const YAML_FILE: FileKind = { noun: 'file', extension: /\.ya?ml$/i };
export const STAGE_FILE: FileKind = { noun: 'stage file', extension: /(?<!\.d)\.[cm]?[jt]s$/ };

/** Why a file could not be read; the caller adds the place that names it. */
export type FileProblem = Omit<Problem, 'location'>;

/**
 * Reads a text file that a user wrote.
 * @param path Absolute.
 * @param name For messages.
 * @param referrer The absolute path of the file that names this one; never suggested.
 */
export async function readSource(
  path: string,
  name: string,
  referrer?: string,
): Promise<Source | FileProblem> {
  try {
    const file = await openFile(path);
    if (file === undefined) return notAFile(name);
    try {
      if (STAGE_FILE.extension.test(path)) return isCode(name, referrer);
      const { size } = await file.stat();
      if (size > MAX_BYTES) return tooLarge(name, size);
      // Some kernel files report size 0 and are endless.
      const bytes = await buffer(file.createReadStream({ end: MAX_BYTES, autoClose: false }));
      if (bytes.length > MAX_BYTES) return tooLarge(name);
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return { name, dir: dirname(path), text };
    } finally {
      await file.close();
    }
  } catch (error) {
    return explain(error, YAML_FILE, path, name, referrer);
  }
}

/** Opens a file; undefined for a folder, a device or a named pipe, which would block the reader for ever. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  if (!(await stat(path)).isFile()) return undefined;
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Why a path is not a file of a kind; undefined if it is. */
export async function pathProblem(
  kind: FileKind,
  path: string,
  name: string,
): Promise<FileProblem | undefined> {
  try {
    return (await stat(path)).isFile() ? undefined : notAFile(name);
  } catch (error) {
    return explain(error, kind, path, name);
  }
}

/** The problem of a code file: read as YAML, each of its lines would be a mistake. */
const isCode = (name: string, referrer?: string): FileProblem => ({
  code: 'not-yaml',
  message: `${name} is code, not YAML`,
  ...(referrer === undefined && { hint: `name a stage in a pipeline file: - use: ./${basename(name)}` }),
});

const notAFile = (name: string): FileProblem => ({
  code: 'not-a-file',
  message: `${name === '' ? '""' : name} is not a file`,
});

export function isSource(read: Source | FileProblem): read is Source {
  return 'text' in read;
}

const tooLarge = (name: string, bytes?: number): FileProblem => ({
  code: 'too-large',
  message: `${name} is too large`,
  expected: `at most ${megabytes(MAX_BYTES)}`,
  ...(bytes !== undefined && { found: megabytes(bytes) }),
});

async function explain(
  error: unknown,
  kind: FileKind,
  path: string,
  name: string,
  referrer?: string,
): Promise<FileProblem> {
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return { code: 'not-text', message: `${name} is not UTF-8 text` };
  const refusal = explainSystemError(error);
  if (refusal === undefined) throw error;
  const { code, reason } = refusal;
  if (code === 'ENOENT' || code === 'ENOTDIR') return missingFile(kind, path, name, referrer);
  return { code: 'unreadable-file', message: `cannot read ${name}: ${reason}` };
}

/** The message for an absent file, with the most similar file of its kind in the same folder. */
async function missingFile(
  { noun, extension }: FileKind,
  path: string,
  name: string,
  referrer: string | undefined,
): Promise<FileProblem> {
  const folder = dirname(path);
  const own = basename(path);
  const others = (await filesOf(folder)).filter(
    entry => extension.test(entry) && resolve(folder, entry) !== referrer,
  );
  const suggestion = others.find(entry => entry.replace(extension, '') === own) ?? nearest(own, others);
  return {
    code: 'missing-file',
    message: `no ${noun} ${name}`,
    ...(suggestion !== undefined && { suggestion: join(dirname(name), suggestion) }),
  };
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(entry => entry.isFile()).map(({ name }) => name);
  } catch {
    // The folder is missing as well: there is nothing to suggest.
    return [];
  }
}
