import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import type { Env } from '../core/env.ts';

/** Threads for computing: the number that the user sets, or one for each usable processor. */
export function computeThreads(env: Env, processors = usableProcessors()): number {
  const asked = [env['TF_NUM_INTRAOP_THREADS'], env['OMP_NUM_THREADS']].map(Number);
  return asked.find(count => Number.isInteger(count) && count > 0) ?? processors;
}

/**
 * Processors that this process may use: those of its affinity (`taskset`, cpusets), limited by the CPU quotas of its control
 * groups, rounded up. More threads would be throttled in each period.
 *
 * @param root Parent folder of `/proc` and `/sys`.
 */
export function usableProcessors(root = '/', affinity = availableParallelism()): number {
  const quotas = groupsOf(root).map(folders => Math.min(...folders.map(quotaOf)));
  return Math.max(1, Math.min(affinity, ...quotas.map(Math.ceil)));
}

/** The folders of this process's control group and its visible ancestors, by hierarchy. */
function groupsOf(root: string): readonly (readonly string[])[] {
  const memberships = linesIn(join(root, 'proc/self/cgroup')).map(line => {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    return { controllers: controllers.split(','), path };
  });
  return linesIn(join(root, 'proc/self/mountinfo')).flatMap(line => {
    const mount = parseMount(line);
    const membership = memberships.find(({ controllers }) => controllers.includes(mount?.controller ?? '-'));
    if (mount === undefined || membership === undefined) return [];
    return [foldersBetween(join(root, mount.folder), relative(mount.root, membership.path))];
  });
}

interface Mount {
  /** The mounted group, and its mount point. */
  readonly root: string;
  readonly folder: string;
  /** `cpu` of cgroup v1; the empty name of cgroup v2. */
  readonly controller: 'cpu' | '';
}

/** A line of mountinfo; undefined unless it mounts a hierarchy that may have quotas. */
function parseMount(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root = '/', folder = '/'] = before.split(' ');
  const [type, , options = ''] = after.split(' ');
  if (type === 'cgroup2') return { root, folder, controller: '' };
  const isCpu = type === 'cgroup' && options.split(',').includes('cpu');
  return isCpu ? { root, folder, controller: 'cpu' } : undefined;
}

/**
 * The folders from the mount point down to the group. A group outside of the mount, as in a container, counts as the mounted one.
 */
function foldersBetween(top: string, path: string): readonly string[] {
  const parts = path === '' || path.startsWith('..') ? [] : path.split('/');
  return [top, ...parts.map((_, index) => join(top, ...parts.slice(0, index + 1)))];
}

/** The quota of a group in processors; Infinity without one. */
function quotaOf(folder: string): number {
  const [quota = 'max', period = '100000'] = linesIn(join(folder, 'cpu.max'))[0]?.split(' ') ?? [
    linesIn(join(folder, 'cpu.cfs_quota_us'))[0],
    linesIn(join(folder, 'cpu.cfs_period_us'))[0],
  ];
  const processors = Number(quota) / Number(period);
  return processors > 0 ? processors : Infinity;
}

/** The lines of a file; none if it cannot be read, as on other systems. */
function linesIn(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').trim().split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return [];
  }
}
