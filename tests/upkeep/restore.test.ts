import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryRegistry } from '../registry/rig.ts';
import { cached, experiment, fingerprintOf, ids, outputOf, pipe, trashed } from './rig.ts';

const train = fingerprintOf('train', 'one');

describe('pipe restore', () => {
  it('lists what is in the trash, when it came there and why, what was removed first coming first', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { texts: { train: 'one' } });
    await experiment(registry, { texts: { train: 'two' }, end: 'failed', pipelineName: 'dc\u001b[2Jgan' });
    expect(await pipe(registry, 'restore')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `There is nothing in the trash of ${registry.dir}.\n`,
    });
    await pipe(registry, 'rm', 'exp-1');
    await pipe(registry, 'gc', '--failed');
    const { stdout } = await pipe(registry, 'restore');
    const lines = stdout
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<time>')
      .replace(/[\d.]+ k?B$/gm, '<bytes>');
    expect(lines.split('\n').map(line => line.replace(/ +/g, ' '))).toEqual([
      'what of removed why frees',
      'exp-1 cgan <time> removed by pipe rm <bytes>',
      'exp-2 dc\\u001b[2Jgan <time> failed <bytes>',
      ...[train, fingerprintOf('train', 'two')]
        .sort()
        .map(
          name =>
            `cache ${name.slice(0, 12)} train of exp-${name === train ? 1 : 2} <time> no experiment uses it <bytes>`,
        ),
      '',
    ]);
    const listed = JSON.parse((await pipe(registry, 'restore', '--json')).stdout) as object[];
    expect(listed[0]).toMatchObject({ kind: 'experiment', name: 'exp-1', why: 'removed', pipeline: 'cgan' });
  });

  it('brings an experiment back with the cached results that its stages have', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { texts: { train: 'one' } });
    await pipe(registry, 'rm', 'exp-1');
    await pipe(registry, 'gc');
    const { stdout } = await pipe(registry, 'restore', 'exp-1');
    expect(stdout).toBe(`exp-1 restored\ncache ${train.slice(0, 12)} restored\n`);
    expect(cached(registry)).toEqual([train]);
    expect(trashed(registry)).toEqual([]);
  });

  it('knows a cached result by the beginning of its name', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { texts: { train: 'one' } });
    await pipe(registry, 'rm', 'exp-1');
    await pipe(registry, 'gc');
    expect((await pipe(registry, 'restore', train.slice(0, 5))).exitCode).toBe(2);
    const { stdout } = await pipe(registry, 'restore', '--json', train.slice(0, 6));
    expect(JSON.parse(stdout)).toMatchObject([{ kind: 'cache', name: train, why: 'unused' }]);
    expect(await ids(registry)).toEqual([]);
  });

  it('leaves a cached result in the trash when there is a new one, and the new one alone', async () => {
    const registry = temporaryRegistry();
    for (let time = 0; time < 3; time++) {
      const { id } = await experiment(registry, { texts: { train: 'one' } });
      await pipe(registry, 'rm', id);
      if (time < 2) await pipe(registry, 'gc');
    }
    const entry = join(registry.dir, '.cache', train);
    const before = readdirSync(entry);
    const { stdout, stderr, exitCode } = await pipe(registry, 'restore', '--all');
    expect(stdout).toBe('exp-1 restored\nexp-2 restored\nexp-3 restored\n');
    expect([stderr, exitCode]).toEqual([
      `cache ${train.slice(0, 12)} stays in the trash: there is a new one in its place\n`,
      0,
    ]);
    expect(readdirSync(entry)).toEqual(before);
    expect(trashed(registry)).toEqual([`unused ${train}`, `unused ${train}`]);
  });

  it.each([
    ['a folder', (place: string) => mkdirSync(place)],
    ['a link that leads nowhere', (place: string) => symlinkSync('nowhere', place)],
  ])('restores nothing over %s', async (_, put) => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry);
    await experiment(registry);
    await pipe(registry, 'rm', 'exp-1', 'exp-2');
    put(dir);
    const { exitCode, stderr } = await pipe(registry, 'restore', 'exp-2', 'exp-1');
    expect([exitCode, stderr]).toEqual([
      2,
      `error: there is something else at ${dir}\n  → move it away, then: pipe restore exp-1\n`,
    ]);
    expect(trashed(registry)).toHaveLength(2);
  });

  it('asks which one, when an experiment was put back by hand and removed again', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry);
    cpSync(dir, `${dir}-copy`, { recursive: true });
    await pipe(registry, 'rm', 'exp-1');
    cpSync(`${dir}-copy`, dir, { recursive: true });
    await pipe(registry, 'rm', 'exp-1');
    const entries = readdirSync(join(registry.dir, '.trash'));
    const { exitCode, stderr } = await pipe(registry, 'restore', 'exp-1');
    expect([exitCode, stderr]).toEqual([
      2,
      `error: exp-1 is in the trash twice\n  → choose one: ${entries.map(entry => `pipe restore ${entry}`).join(', or ')}\n`,
    ]);
    expect((await pipe(registry, 'restore', '--all')).stderr).toContain('error: exp-1 is in the trash twice');
    expect((await pipe(registry, 'restore', entries[0] ?? '')).stdout).toBe('exp-1 restored\n');
    expect(trashed(registry)).toEqual(['removed exp-1']);
  });

  it.each([
    [['exp-1'], 'exp-1 is in its place, not in the trash\n  → pipe show exp-1\n'],
    [['exp-2'], '"exp-2" is not in the trash\n  → pipe restore lists what is\n'],
    [['../x\u001b'], '"../x\\u001b" is not in the trash\n  → pipe restore lists what is\n'],
    [
      ['exp-2', 'exp-3'],
      '"exp-2" is not in the trash\n  → pipe restore lists what is\n\nerror: "exp-3" is not in the trash\n  → pipe restore lists what is\n\nnothing was restored\n',
    ],
    [
      ['--all', 'exp-1'],
      '--all takes no names: it restores everything\n  → pipe restore --all, or pipe restore exp-3\n',
    ],
  ])('%j is a mistake', async (args, message) => {
    const registry = temporaryRegistry();
    await experiment(registry);
    const { exitCode, stderr } = await pipe(registry, 'restore', ...args);
    expect([exitCode, stderr]).toEqual([2, `error: ${message}`]);
  });

  it('tells of outputs that are not there any more', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry);
    await experiment(registry, { texts: { data: outputOf(dir, 'data') } });
    await pipe(registry, 'rm', 'exp-1', 'exp-2');
    const trash = join(registry.dir, '.trash');
    const first = readdirSync(trash).find(name => name.endsWith('exp-1')) ?? '';
    rmSync(join(trash, first), { recursive: true });
    expect((await pipe(registry, 'restore', 'exp-2')).stderr).toBe(
      'exp-2 uses outputs that lie in the folder of exp-1, which is gone\n',
    );
  });
});
