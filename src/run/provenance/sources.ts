import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import type { ExperimentRecord } from '../../core/experiment.ts';
import { sha256 } from '../../core/sha256.ts';
import { trackedFiles } from '../../host/git.ts';
import { nearestLockfile } from '../../host/lockfile.ts';
import { readRegular, withRegularFile } from '../../storage/read-file.ts';
import { sha256OfFile } from '../../storage/file-hashes.ts';
import { isInside } from '../../storage/inside.ts';
import { onStorage } from '../../storage/storage-failure.ts';
import type { NewExperiment } from '../../registry/index.ts';

/** The largest file to copy, in bytes. */
const LARGEST = 10_000_000;

type Source = NonNullable<ExperimentRecord['source']>;
type SourceFile = Source['files'][number];
type Copy = NonNullable<NewExperiment['sourceFiles']>[number];

export interface Place {
  readonly cwd: string;
  /** The top folder of the working tree, if any. */
  readonly top: string | undefined;
  /** True if tracked files can be recovered from git. */
  readonly isInGit: boolean;
}

/** Hashes of the files that a pipeline was read from, with copies of those that git cannot recover. */
export async function collectSources(
  sources: readonly string[],
  { cwd, top, isInGit }: Place,
): Promise<{ readonly source: Source; readonly copies: readonly Copy[] }> {
  const root = top ?? realpathSync(cwd);
  const paths = [...new Set(sources.filter(isFile).map(path => realpathSync(path)))].sort();
  const inside = paths.filter(path => isInside(root, path)).map(path => shownFrom(root, path));
  const tracked = isInGit ? await trackedFiles(root, inside) : new Set<string>();
  const files: SourceFile[] = [];
  const copies: Copy[] = [];
  for (const path of paths) {
    const { bytes, content } = onStorage('read', path, () =>
      withRegularFile(path, (file, size) => ({
        bytes: size,
        content: size > LARGEST ? undefined : readFileSync(file),
      })),
    );
    const shown = shownFrom(root, path);
    const hash = content === undefined ? await sha256OfFile(path) : sha256(content);
    const file = { path: shown, bytes: content?.length ?? bytes, sha256: hash };
    if (tracked.has(shown)) files.push(file);
    else if (content === undefined) files.push({ ...file, leftOut: `it is larger than ${LARGEST / 1e6} MB` });
    else {
      const copy = copyPath(shown);
      copies.push({ path: copy, content });
      files.push({ ...file, copy });
    }
  }
  return { source: { root, files, ...lockfileOf(cwd, root) }, copies };
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Relative to a folder with forward slashes; absolute outside of it. */
function shownFrom(root: string, path: string): string {
  return isInside(root, path) ? relative(root, path).split(sep).join('/') : path;
}

/** Names of code files, which compilers, linters and test runners would pick up. */
const CODE = /\.[cm]?[jt]sx?(\.txt)*$/;

/**
 * The path of a file's copy in an experiment: below `source/`, wherever the file was. Code gets a name that no tool takes for a
 * part of the project.
 */
function copyPath(shown: string): string {
  const path = isAbsolute(shown) ? `source/outside${shown}` : `source/files/${shown}`;
  return CODE.test(path) ? `${path}.txt` : path;
}

function lockfileOf(cwd: string, root: string): Pick<Source, 'lockfile'> {
  const path = nearestLockfile(realpathSync(cwd));
  if (path === undefined) return {};
  const content = onStorage('read', path, () => readRegular(path));
  return { lockfile: { path: shownFrom(root, path), sha256: sha256(content) } };
}
