import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { computeThreads, usableProcessors } from '../../src/host/processors.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A root folder with these files; `mounts` are `<root> <folder> <type> <options>`. */
function fakeRoot(group: string, mounts: readonly string[], files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'pipe-root-'));
  folders.push(root);
  const mountinfo = mounts.map((mount, index) => {
    const [from, folder, type, options] = mount.split(' ');
    return `${30 + index} 23 0:28 ${from} ${folder} rw,relatime shared:9 - ${type} ${type} ${options}\n`;
  });
  const all = { 'proc/self/cgroup': group, 'proc/self/mountinfo': mountinfo.join(''), ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const v2 = (group: string, files: Readonly<Record<string, string>>, mountRoot = '/') =>
  usableProcessors(
    fakeRoot(`0::${group}\n`, ['/ / ext4 rw', `${mountRoot} /sys/fs/cgroup cgroup2 rw,nsdelegate`], files),
    16,
  );

const v1 = (group: string, files: Readonly<Record<string, string>>, mountRoot = '/') =>
  usableProcessors(
    fakeRoot(
      `12:memory:/elsewhere\n4:cpu,cpuacct:${group}\n0::/\n`,
      [
        '/ /sys/fs/cgroup/memory cgroup rw,memory',
        `${mountRoot} /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct`,
      ],
      files,
    ),
    16,
  );

describe('the processors that a process may use', () => {
  it('are those of its affinity without a quota', () => {
    expect(usableProcessors(fakeRoot('', [], {}), 3)).toBe(3);
    expect(v2('/', {})).toBe(16);
    expect(v2('/a', { 'sys/fs/cgroup/a/cpu.max': 'max 100000\n' })).toBe(16);
    expect(v1('/a', { 'sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': '-1\n' })).toBe(16);
  });

  it('are no more than the quota of its group pays for, parts of one rounded up, and at least one', () => {
    expect(v2('/a', { 'sys/fs/cgroup/a/cpu.max': '400000 100000\n' })).toBe(4);
    expect(v2('/a', { 'sys/fs/cgroup/a/cpu.max': '150000 100000\n' })).toBe(2);
    expect(v2('/a', { 'sys/fs/cgroup/a/cpu.max': '5000 50000\n' })).toBe(1);
    expect(v2('/a', { 'sys/fs/cgroup/a/cpu.max': '9900000 100000\n' })).toBe(16);
    const quota = (us: number) => ({
      'sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': `${us}\n`,
      'sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us': '50000\n',
    });
    expect(v1('/a', quota(125_000))).toBe(3);
  });

  it('are those of the smallest quota of nested groups', () => {
    const files = {
      'sys/fs/cgroup/a/cpu.max': '200000 100000\n',
      'sys/fs/cgroup/a/b/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/a/b/c/cpu.max': '700000 100000\n',
    };
    expect(v2('/a/b/c', files)).toBe(2);
    expect(v2('/other', files)).toBe(16);
  });

  it('are found in a container, which sees its own group as the top or under the name that it has outside', () => {
    const top = { 'sys/fs/cgroup/cpu.max': '300000 100000\n' };
    expect(v2('/', top)).toBe(3);
    expect(v2('/../../other', top)).toBe(3);
    expect(v2('/docker/1234', top, '/docker/1234')).toBe(3);
    const inner = { ...top, 'sys/fs/cgroup/inner/cpu.max': '100000 100000\n' };
    expect(v2('/docker/1234/inner', inner, '/docker/1234')).toBe(1);
    const quota = {
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '200000\n',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    };
    expect(v1('/docker/1234', quota, '/docker/1234')).toBe(2);
  });
});

describe('the threads for computing', () => {
  it('are as many as the user says, else one for each processor', () => {
    expect(computeThreads({}, 3)).toBe(3);
    expect(computeThreads({ OMP_NUM_THREADS: '5' }, 3)).toBe(5);
    expect(computeThreads({ OMP_NUM_THREADS: '5', TF_NUM_INTRAOP_THREADS: '2' }, 3)).toBe(2);
    for (const unset of ['', '0', 'all'])
      expect(computeThreads({ TF_NUM_INTRAOP_THREADS: unset }, 3)).toBe(3);
  });

  it('are what TensorFlow is given, in a process that is bound to one processor', async () => {
    const source = fileURLToPath(new URL('../../bench/source.js', import.meta.url));
    const program = fileURLToPath(new URL('threads-process.ts', import.meta.url));
    const script = `import { importSource } from ${JSON.stringify(source)}; await importSource(${JSON.stringify(program)});`;
    const node = [process.execPath, '--input-type=module', '-e', script];
    const run = (env: Record<string, string>) => execa('taskset', ['-c', '0', ...node], { env });
    expect((await run({})).stdout).toBe('1 1');
    expect((await run({ TF_NUM_INTRAOP_THREADS: '3' })).stdout).toBe('3 1');
  });
});
