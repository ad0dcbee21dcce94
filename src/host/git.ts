import type { ExperimentRecord } from '../core/experiment.ts';

/** Milliseconds; a working tree that takes longer to look through is recorded as none. */
const TIMEOUT = 10_000;

/**
 * The commit that the folder's working tree is at. `dirty` means, as for `git describe --dirty`, that tracked files differ
 * from it. Null outside a repository, before the first commit, or without git.
 */
export async function collectGit(cwd: string): Promise<ExperimentRecord['git']> {
  const { execa } = await import('execa');
  const args = ['status', '--porcelain=v2', '--branch', '--untracked-files=no'];
  const { failed, stdout } = await execa('git', args, {
    cwd,
    reject: false,
    timeout: TIMEOUT,
    // A run must not make a commit in another terminal wait.
    env: { GIT_OPTIONAL_LOCKS: '0' },
  });
  if (failed) return null;
  const lines = stdout.split('\n').filter(line => line !== '');
  const header = (name: string) =>
    lines.find(line => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length);
  const commit = header('oid');
  if (commit === undefined || commit === '(initial)') return null;
  const head = header('head');
  const branch = head === undefined || head === '(detached)' ? null : head;
  return { commit, branch, dirty: lines.some(line => !line.startsWith('#')) };
}
