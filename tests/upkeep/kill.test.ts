import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/registry/index.ts';
import { newExperiment } from '../registry/experiment.ts';
import { smallFileSystem, startProgram, temporaryRegistry } from '../registry/rig.ts';
import { bytesOf, cached, experiment, ids, pipe, trashed, treeOf } from './rig.ts';

const program = new URL('upkeep-process.ts', import.meta.url);

/** Three experiments that share a result, one that failed, and a result that none has. */
async function busyRegistry() {
  const registry = temporaryRegistry();
  for (const train of ['one', 'two', 'three'])
    await experiment(registry, { texts: { data: 'pixels', train } });
  await experiment(registry, { end: 'failed' });
  return registry;
}

const isContent = (line: string) => /\/(exp-\d+|\.cache)\//.test(line);

describe('a process that removes, collects and restores', () => {
  it('loses nothing at whatever moment it is killed: restored, everything is what it was', async () => {
    const registry = await busyRegistry();
    const before = treeOf(registry.dir).filter(isContent);
    const all = await ids(registry);
    for (let kill = 1; kill <= 8; kill++) {
      const { subprocess, printed } = await startProgram(program, ['churn', registry.dir]);
      await printed(new RegExp(`(removing exp-\\d+\\n|collected\\n|turn \\d+\\n){${kill}}`));
      subprocess.kill('SIGKILL');
      expect((await subprocess).stderr).toBe('');
      const { experiments, unreadable } = await registry.list();
      const inTrash = trashed(registry).flatMap(name => /exp-\d+/.exec(name)?.[0] ?? []);
      expect([...experiments.map(({ id }) => id), ...inTrash].sort()).toEqual(all);
      expect(unreadable).toEqual([]);
      expect((await pipe(registry, 'list')).exitCode).toBe(0);
    }
    await pipe(registry, 'restore', '--all');
    expect(treeOf(registry.dir).filter(isContent)).toEqual(before);
    expect(trashed(registry)).toEqual([]);
  });

  it('and others that resume the same come to no harm: each experiment is in one place, whole', async () => {
    const registry = temporaryRegistry();
    for (let count = 1; count <= 4; count++) await experiment(registry, { end: 'failed' });
    const all = await ids(registry);
    let output = '';
    // Who meets whom is chance.
    const wanted = [/^resumed exp-\d$/m, /^refused not-removed: /m];
    for (let round = 0; round < 20 && !wanted.every(line => line.test(output)); round++) {
      const tasks = ['churn', 'resume', 'resume'];
      const processes = await Promise.all(tasks.map(task => startProgram(program, [task, registry.dir])));
      await processes[0]?.printed(/^turn 6$/m);
      for (const { subprocess } of processes) subprocess.kill('SIGKILL');
      for (const { subprocess } of processes) {
        const { stdout, stderr } = await subprocess;
        expect(stderr).toBe('');
        output += stdout;
      }
      const { experiments, unreadable } = await registry.list();
      const inTrash = trashed(registry).flatMap(name => /exp-\d+/.exec(name)?.[0] ?? []);
      expect([...experiments.map(({ id }) => id), ...inTrash].sort()).toEqual(all);
      expect(unreadable).toEqual([]);
    }
    for (const line of wanted) expect(output).toMatch(line);
  });

  it('deletes the rest, when it was killed while it emptied the trash; nothing half is restored', async () => {
    const registry = await busyRegistry();
    await pipe(registry, 'rm', 'exp-1', 'exp-2');
    const entry = registry.trash.entries().find(({ name }) => name === 'exp-1');
    if (entry === undefined) expect.fail('exp-1 is not in the trash');
    // What emptying does first; then it was killed.
    registry.trash.markEnding(entry);
    expect((await pipe(registry, 'restore')).stdout.match(/exp-\d/g)).toEqual(['exp-2']);
    expect((await pipe(registry, 'restore', 'exp-1')).stderr).toContain('"exp-1" is not in the trash');
    const told = await pipe(registry, 'gc', '--dry-run');
    expect(told.stdout).toMatch(/\.trash\/\d+T\d+Z,ending,exp-1 {2}– +a killed process left it/);
    expect((await pipe(registry, 'gc')).stdout).toBe(told.stdout);
    expect(trashed(registry).filter(name => name.includes('exp'))).toEqual(['removed exp-2']);
    expect((await experiment(registry)).id).toBe('exp-5');
  });
});

it('of two that collect at once each takes what it gets, and together everything', async () => {
  const registry = await busyRegistry();
  const plan = JSON.parse(
    (await pipe(registry, 'gc', '--failed', '--keep', '0', '--dry-run', '--json')).stdout,
  ) as {
    things: { name: string }[];
  };
  const processes = await Promise.all([0, 1, 2].map(() => startProgram(program, ['collect', registry.dir])));
  const results = await Promise.all(processes.map(({ subprocess }) => subprocess));
  expect(results.map(({ stderr }) => stderr)).toEqual(['', '', '']);
  const collected = results.flatMap(({ stdout }) => stdout.split(' ').filter(Boolean));
  expect(collected.sort()).toEqual(plan.things.map(({ name }) => name).sort());
  expect(await ids(registry)).toEqual([]);
  expect(cached(registry)).toEqual([]);
});

it('works on a full disk, which is when it is needed', async context => {
  const folder = smallFileSystem();
  if (folder === undefined) return context.skip('only a user who may mount can fill a small file system');
  const registry = openRegistry(join(folder, 'experiments'));
  // Together more than what a run holds back.
  await experiment(registry, { texts: { train: 'w'.repeat(300_000) } });
  const { dir } = await experiment(registry, { texts: { train: 'v'.repeat(300_000) }, end: 'failed' });
  expect(() => {
    for (;;) appendFileSync(join(folder, 'filler'), Buffer.alloc(4096));
  }).toThrow('ENOSPC');
  await expect(registry.claim(newExperiment())).rejects.toThrow('ENOSPC');
  const before = bytesOf(registry.dir);
  for (const args of [['rm', 'exp-1'], ['restore', 'exp-1'], ['gc', '--failed'], ['rm', 'exp-1'], ['gc']])
    expect(await pipe(registry, ...args)).toMatchObject({ exitCode: 0 });
  expect(existsSync(dir)).toBe(false);
  expect((await pipe(registry, 'gc', '--empty-trash')).stderr).toMatch(
    /^Deleted for good: 6\d\d\.\d kB\.\n$/,
  );
  expect(before - bytesOf(registry.dir)).toBeGreaterThan(600_000);
  expect((await experiment(registry)).id).toBe('exp-3');
});
