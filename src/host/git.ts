import { realpathSync } from 'node:fs';
import type { ExperimentRecord } from '../core/experiment.ts';

/** Milliseconds; a working tree that takes longer is recorded as none. */
const TIMEOUT = 10_000;

/** The largest patch that is kept, in bytes. */
const LARGEST_PATCH = 10_000_000;

type GitRecord = NonNullable<ExperimentRecord['git']>;

/** The commit that a working tree is at. */
export type Commit = Pick<GitRecord, 'commit' | 'branch' | 'dirty' | 'changedFiles'>;

/**
 * Variables by which a git hook names its repository and index, from `git rev-parse --local-env-vars`. They are removed, so that
 * the queried folder decides.
 */
const OF_ANOTHER_REPOSITORY = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_GRAFT_FILE',
  'GIT_SHALLOW_FILE',
  'GIT_REPLACE_REF_BASE',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
];

async function git(args: readonly string[], cwd: string) {
  const { execa } = await import('execa');
  return execa('git', args, {
    cwd,
    reject: false,
    timeout: TIMEOUT,
    maxBuffer: LARGEST_PATCH,
    encoding: 'buffer',
    stripFinalNewline: false,
    env: {
      ...Object.fromEntries(OF_ANOTHER_REPOSITORY.map(name => [name, undefined])),
      // A run must not block a commit in another terminal.
      GIT_OPTIONAL_LOCKS: '0',
      // Its refusals are parsed, so they must be in English.
      LC_ALL: 'C',
    },
  });
}

/**
 * The commit that the folder's working tree is at. `dirty` means, as for `git describe --dirty`, that tracked files differ
 * from it. Null outside a repository, before the first commit, or without git.
 */
export async function collectGit(cwd: string): Promise<Commit | null> {
  const found = await askGit(cwd);
  return found === null || 'refused' in found ? null : found;
}

/** Why git refuses to read a repository that exists, and what fixes it. */
export interface Refusal {
  readonly refused: string;
  readonly hint?: string;
}

/** The commit, or git's reason for refusing. */
export async function askGit(cwd: string): Promise<Commit | Refusal | null> {
  const args = ['status', '--porcelain=v2', '--branch', '--untracked-files=no'];
  const { failed, timedOut, code, stdout, stderr } = await git(args, cwd);
  if (timedOut) return { refused: `git status took longer than ${TIMEOUT / 1000} s` };
  if (failed) return code === 'ENOENT' ? null : refusalIn(textOf(stderr));
  const lines = textOf(stdout)
    .split('\n')
    .filter(line => line !== '');
  const header = (name: string) =>
    lines.find(line => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length);
  const commit = header('oid');
  if (commit === undefined || commit === '(initial)') return null;
  const head = header('head');
  const branch = head === undefined || head === '(detached)' ? null : head;
  const changedFiles = lines.filter(line => !line.startsWith('#')).length;
  return { commit, branch, dirty: changedFiles > 0, ...(changedFiles > 0 && { changedFiles }) };
}

function refusalIn(words: string): Refusal | null {
  const owned = /detected dubious ownership in repository at '(.*)'/.exec(words)?.[1];
  if (owned !== undefined)
    return {
      refused: `git does not trust the owner of ${owned}`,
      hint: `git config --global --add safe.directory '${owned}'`,
    };
  const [line = ''] = words.split('\n').filter(each => /^(fatal|error): /.test(each));
  return line === '' || line.includes('not a git repository') ? null : { refused: line };
}

/** The top folder of a folder's working tree, without links; undefined outside of one. */
export async function topFolder(cwd: string): Promise<string | undefined> {
  const { failed, stdout } = await git(['rev-parse', '--show-toplevel'], cwd);
  return failed ? undefined : realpathSync(textOf(stdout).trimEnd());
}

/** Those of the given files that git tracks or has staged. @param files Relative to the top folder. */
export async function trackedFiles(top: string, files: readonly string[]): Promise<ReadonlySet<string>> {
  if (files.length === 0) return new Set();
  const { failed, stdout } = await git(['--literal-pathspecs', 'ls-files', '-z', '--', ...files], top);
  return new Set(failed ? [] : textOf(stdout).split('\0'));
}

export type Diff = { readonly patch: Uint8Array } | { readonly leftOut: string };

/**
 * The changes to tracked files of the whole repository since the commit, as `git apply` takes them, independent of the user's
 * diff settings; or why there is no patch.
 */
export async function collectDiff(top: string): Promise<Diff> {
  const form = ['--no-color', '--no-ext-diff', '--no-textconv', '--no-relative', '--unified=3'];
  const prefixes = ['--src-prefix=a/', '--dst-prefix=b/', '--submodule=short', '--ignore-submodules=dirty'];
  const result = await git(['diff', '--binary', ...form, ...prefixes, 'HEAD'], top);
  if (result.isMaxBuffer) return { leftOut: `it is larger than ${LARGEST_PATCH / 1e6} MB` };
  if (result.timedOut) return { leftOut: `git diff took longer than ${TIMEOUT / 1000} s` };
  if (result.failed) return { leftOut: `git diff failed: ${textOf(result.stderr).split('\n')[0] ?? ''}` };
  if (result.stdout.length === 0) return { leftOut: 'only files within submodules differ' };
  return { patch: result.stdout };
}

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
