import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { Failure } from '../core/failure.ts';
import { errorCode } from '../core/system-error.ts';
import { fileFailure } from './file-failure.ts';

/** Folders that relative paths start from. */
export interface Bases {
  /** The working folder: has precedence if the path exists here. */
  readonly workingDir: string;
  /** The folder of the pipeline file, tried next. */
  readonly pipelineDir: string;
}

/** A folder or an archive on this machine. */
export interface Place {
  readonly kind: 'folder' | 'archive';
  /** Absolute. */
  readonly path: string;
}

/** A path for display: relative to the working folder where that is shorter. */
export function shownPath(path: string, workingDir: string): string {
  const short = relative(workingDir, path);
  return short !== '' && short.length < path.length ? short : path;
}

/** The place at a path: a folder, a file (taken as an archive), or undefined. */
export async function placeAt(path: string): Promise<Place | undefined> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) return { kind: 'folder', path };
    if (status.isFile()) return { kind: 'archive', path };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFailure(error, path, 'read');
  }
  throw new Failure({
    code: 'not-a-file',
    exitCode: 2,
    message: `cannot read ${path}: it is neither a folder nor a file`,
    hint: 'Give a folder, or an archive made by tar.',
  });
}

/**
 * Finds the file that a parameter names.
 *
 * @param what the parameter, for messages, such as `load-csv.source`
 * @throws Failure when nothing is there, or a folder
 */
export async function resolveFile(source: string, what: string, bases: Bases): Promise<string> {
  const { kind, path } = await resolveSource(source, what, bases);
  if (kind === 'archive') return path;
  throw new Failure({
    code: 'not-a-file',
    exitCode: 2,
    message: `${what}: ${path} is a folder, and a file is needed`,
    hint: 'Name the file in it.',
  });
}

/**
 * Finds the folder or archive that a parameter names.
 *
 * @param what the parameter, for messages, such as `load-cifar.source`
 * @throws Failure when nothing is there, with the paths tried
 */
export async function resolveSource(source: string, what: string, bases: Bases): Promise<Place> {
  const candidates = [...new Set([bases.workingDir, bases.pipelineDir].map(base => resolve(base, source)))];
  for (const candidate of candidates) {
    const place = await placeAt(candidate);
    if (place !== undefined) return place;
  }
  throw new Failure({
    code: 'source-not-found',
    exitCode: 2,
    message: `${what}: there is no folder or archive ${source}`,
    details: isAbsolute(source) ? [] : candidates.map(candidate => `looked for ${candidate}`),
    hint: `Check the path. A relative one starts in the working folder, or in the pipeline file's.`,
  });
}
