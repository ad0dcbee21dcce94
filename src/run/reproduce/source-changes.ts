import { isAbsolute, join } from 'node:path';
import type { ExperimentRecord } from '../../core/experiment.ts';
import type { Origin } from '../../core/origin.ts';
import { Failure } from '../../core/failure.ts';
import { sha256 } from '../../core/sha256.ts';
import { readRegular } from '../../storage/read-file.ts';
import { errorCode } from '../../storage/storage-failure.ts';
import { shortHash } from './changes.ts';
import type { Change } from './report.ts';

type Source = NonNullable<ExperimentRecord['source']>;
type SourceFile = Source['files'][number];

export interface SourceChanges {
  readonly changes: readonly Change[];
  /** Absolute paths of the files in `changes`. */
  readonly paths: ReadonlySet<string>;
  /** Changes without effect, and how to get the previous versions. */
  readonly notes: readonly string[];
}

/**
 * Changes of the files that an experiment was read from.
 * @param dir The experiment's folder, for display.
 * @param used Absolute paths of the files that are read again: users' stages with their imports.
 */
export function sourcesSince(
  { id, source, git }: Pick<ExperimentRecord, 'id'> & Pick<Origin, 'source' | 'git'>,
  dir: string,
  used: ReadonlySet<string>,
): SourceChanges {
  if (source === undefined) return { changes: [], paths: new Set(), notes: [] };
  const others = source.files
    .map(file => ({ file, path: absolutePath(source, file) }))
    .map(each => ({ ...each, now: hashNow(each.path) }))
    .filter(({ file, now }) => now !== file.sha256);
  const matter = others.filter(({ path }) => used.has(path));
  const rest = others.filter(({ path }) => !used.has(path)).map(({ file }) => file.path);
  const notes = matter.map(({ file }) => previousVersion(file, dir, git));
  if (rest.length > 0)
    notes.push(`${rest.join(', ')} changed since, which does not matter: ${id} has its own resolved.yaml`);
  return {
    changes: matter.map(({ file, now }) => ({
      what: file.path,
      then: shortHash(file.sha256),
      now: now === null ? null : shortHash(now),
    })),
    paths: new Set(matter.map(({ path }) => path)),
    notes: [...new Set(notes)],
  };
}

/** The absolute path of a source file. */
export const absolutePath = ({ root }: Source, { path }: SourceFile): string =>
  isAbsolute(path) ? path : join(root, path);

function hashNow(path: string): string | null {
  try {
    return sha256(readRegular(path));
  } catch (error) {
    if (!(error instanceof Failure) && errorCode(error) === undefined) throw error;
    return null;
  }
}

/** Where to find the previous version of a file. */
export function previousVersion(file: SourceFile, dir: string, git: ExperimentRecord['git']): string {
  if (file.copy !== undefined) return `${file.path} as it was: ${join(dir, file.copy)}`;
  if (file.leftOut !== undefined) return `${file.path} as it was is not kept: ${file.leftOut}`;
  if (git === null) return `${file.path} as it was is not kept`;
  const patch = git.patch === undefined ? '' : ` && git apply ${join(dir, git.patch.path)}`;
  return `the sources as they were: git checkout ${git.commit}${patch}`;
}
