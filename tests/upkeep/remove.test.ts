import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { openRegistry, type Registry } from '../../src/registry/index.ts';
import { planRemoval, remove } from '../../src/upkeep/remove.ts';
import { temporaryFolder, temporaryRegistry } from '../registry/rig.ts';
import { experiment, ids, outputOf, pipe, trashed, treeOf } from './rig.ts';

describe('pipe rm', () => {
  it('moves an experiment to the trash, and pipe restore brings it back byte for byte', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    const { dir } = await experiment(registry);
    const looks = () =>
      Promise.all(
        [['list'], ['list', '--json'], ['show', 'exp-2'], ['compare', 'exp-1', 'exp-2', '--all']].map(args =>
          pipe(registry, ...args),
        ),
      );
    const [before, tree] = [await looks(), treeOf(dir)];
    const removal = await pipe(registry, 'rm', 'exp-2');
    expect(removal.exitCode).toBe(0);
    expect(removal.stdout).toMatch(
      /^id {5}pipeline {2}status {5}frees\nexp-2 {2}cgan {6}finished {2}[\d.]+ kB\n$/,
    );
    expect(removal.stderr).toMatch(
      /^In the trash now: pipe restore exp-2 undoes it, pipe gc --empty-trash frees [\d.]+ kB\.\n$/,
    );
    expect(await ids(registry)).toEqual(['exp-1']);
    expect(await pipe(registry, 'restore', 'exp-2')).toEqual({
      exitCode: 0,
      stdout: 'exp-2 restored\n',
      stderr: '',
    });
    expect(await looks()).toEqual(before);
    expect(treeOf(dir)).toEqual(tree);
  });

  it('is told by every command that asks for the experiment', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    registry.tags.set('best', 'exp-1', { force: false });
    await pipe(registry, 'rm', '--force', 'exp-1');
    for (const args of [
      ['show', 'exp-1'],
      ['show', 'best'],
      ['rm', 'exp-1'],
      ['resume', 'exp-1'],
    ]) {
      const { stderr, exitCode } = await pipe(registry, ...args);
      expect(stderr).toMatch(
        /^error: exp-1 was removed on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d; it is in the trash\n {2}→ pipe restore exp-1 brings it back\n$/,
      );
      expect(exitCode).toBe(2);
    }
    await pipe(registry, 'tag', '--delete', 'best');
    await pipe(registry, 'gc', '--empty-trash');
    expect((await pipe(registry, 'show', 'exp-1')).stderr).toContain(
      '  There was one, which was removed for good.\n',
    );
  });

  it('says with --dry-run exactly what it does without, in words and as JSON', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    await experiment(registry);
    const tree = treeOf(registry.dir);
    const told = await pipe(registry, 'rm', '--dry-run', 'exp-1', 'exp-2');
    expect(told.stderr).toBe('Nothing was removed: this is what would go to the trash.\n');
    const json = await pipe(registry, 'rm', '--dry-run', '--json', 'exp-1', 'exp-2');
    expect(treeOf(registry.dir)).toEqual(tree);
    expect((await pipe(registry, 'rm', 'exp-1', 'exp-2', 'exp-1')).stdout).toBe(told.stdout);
    await pipe(registry, 'restore', '--all');
    expect((await pipe(registry, 'rm', '--json', 'exp-1', 'exp-2')).stdout).toBe(json.stdout);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { id: 'exp-1', pipeline: 'cgan', status: 'finished' },
      { id: 'exp-2', pipeline: 'cgan', status: 'finished' },
    ]);
  });

  it('removes nothing if one of several cannot be', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    await experiment(registry);
    registry.tags.set('best', 'exp-2', { force: false });
    expect(await pipe(registry, 'rm', 'exp-1', 'exp-2')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /^error: tag best names exp-2\n.*\n\nnothing was removed\n {2}all or none: exp-1 could have gone\n$/,
      ) as string,
    });
    expect((await pipe(registry, 'rm', 'exp-1', 'exp-7')).stderr).toContain(
      'there is no experiment exp-7 in ',
    );
    expect(await ids(registry)).toEqual(['exp-1', 'exp-2']);
    expect(trashed(registry)).toEqual([]);
  });

  it.each([
    ['latest', '"latest" is exp-1: what is removed is named by its number\n  → pipe rm exp-1\n'],
    ['best', '"best" is exp-1: what is removed is named by its number\n  → pipe rm exp-1\n'],
    ['../exp-1', '"../exp-1" names no experiment\n'],
    ['.trash', '".trash" names no experiment\n'],
    ['\u001b[2J', '"\\u001b[2J" names no experiment\n'],
  ])('takes numbers alone, not %j', async (name, message) => {
    const registry = temporaryRegistry();
    await experiment(registry);
    registry.tags.set('best', 'exp-1', { force: false });
    const { exitCode, stderr } = await pipe(registry, 'rm', '--force', name);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`error: ${message}`)]);
    expect(await ids(registry)).toEqual(['exp-1']);
  });

  it('moves a link to an experiment elsewhere, and leaves what it leads to alone', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry);
    const elsewhere = join(dirname(registry.dir), 'large disk');
    renameSync(dir, elsewhere);
    symlinkSync(elsewhere, dir);
    const tree = treeOf(elsewhere);
    await pipe(registry, 'rm', 'exp-1');
    await pipe(registry, 'gc', '--empty-trash');
    expect(treeOf(elsewhere)).toEqual(tree);
  });
});

describe('an experiment stays', () => {
  const refusal = async (registry: Registry, ...args: readonly string[]) => {
    const { exitCode, stderr, stdout } = await pipe(registry, 'rm', ...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    return stderr;
  };

  it('while it runs, whatever is said', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { end: null });
    const running = `error: exp-1 is running: process ${process.pid} on ${hostname()}\n  → kill -INT ${process.pid} stops it as Ctrl-C does; then pipe rm exp-1\n`;
    expect(await refusal(registry, 'exp-1')).toBe(running);
    expect(await refusal(registry, '--force', 'exp-1')).toBe(running);
  });

  it('while a process that cannot be seen says that it runs, unless it is known to be gone', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry, { end: null });
    const path = join(dir, 'experiment.json');
    const record = JSON.parse(readFileSync(path, 'utf8')) as ExperimentRecord;
    writeFileSync(
      path,
      JSON.stringify({ ...record, process: { ...record.process, pid: 7, host: 'node-5' } }),
    );
    expect(await refusal(registry, 'exp-1')).toBe(
      'error: exp-1 is recorded as running: process 7 on node-5, which cannot be seen from here\n  → if that process is gone: pipe rm --force exp-1\n',
    );
    expect((await pipe(registry, 'rm', '--force', 'exp-1')).exitCode).toBe(0);
  });

  it('as long as a tag names it, which --force overrides; restored, it has its tag', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    registry.tags.set('best', 'exp-1', { force: false });
    expect(await refusal(registry, 'exp-1')).toBe(
      'error: tag best names exp-1\n  → pipe tag --delete best; or, to keep the tag for when it is restored: pipe rm --force exp-1\n',
    );
    expect((await pipe(registry, 'rm', '--force', 'exp-1')).exitCode).toBe(0);
    await pipe(registry, 'restore', 'exp-1');
    expect((await pipe(registry, 'show', 'best')).stdout).toMatch(/^exp-1 /);
  });

  it('while a damaged tag may have named it', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    mkdirSync(join(registry.dir, '.tags'));
    writeFileSync(join(registry.dir, '.tags', 'best'), 'x');
    expect(await refusal(registry, 'exp-1')).toBe(
      'error: tag best is damaged: it may have named exp-1\n  → pipe tag --delete best, or pipe tag --force <experiment> best\n',
    );
  });

  it('as long as another one extends it, unless that goes as well or --force is given', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    await experiment(registry, { parent: 'exp-1' });
    await experiment(registry, { parent: 'exp-2' });
    expect(await refusal(registry, 'exp-1')).toBe(
      'error: exp-2 extends exp-1\n  → pipe rm exp-1 exp-2 exp-3; or, to remove the parent alone: pipe rm --force exp-1\n',
    );
    expect((await pipe(registry, 'rm', 'exp-1', 'exp-2', 'exp-3')).exitCode).toBe(0);
    await pipe(registry, 'restore', '--all');
    expect((await pipe(registry, 'rm', '--force', 'exp-1')).exitCode).toBe(0);
    expect(await ids(registry)).toEqual(['exp-2', 'exp-3']);
  });

  it('as long as one that extends it was stopped, and may resume from it', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    await experiment(registry, { parent: 'exp-1', end: 'interrupted' });
    expect(await refusal(registry, 'exp-1')).toBe(
      'error: exp-2 extends exp-1 and may resume from it\n  → finish it: pipe resume exp-2; or remove both: pipe rm exp-1 exp-2; or the parent alone: pipe rm --force exp-1\n',
    );
    expect((await pipe(registry, 'rm', '--force', 'exp-1')).exitCode).toBe(0);
    const kept = await pipe(registry, 'gc', '--empty-trash');
    expect(kept.stderr).toContain('exp-1 stays: exp-2 extends exp-1 and may resume from it\n');
    expect(trashed(registry)).toEqual(['removed exp-1']);
  });

  it('while a run extends it, which may be about to copy from it', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    await experiment(registry, { parent: 'exp-1', end: null });
    expect(await refusal(registry, '--force', 'exp-1')).toBe(
      'error: exp-2 runs and extends exp-1\n  → wait until it has ended\n',
    );
  });

  it('while a run reproduces it; what has reproduced it is only mentioned', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    const reproduction = await experiment(registry, { reproduces: 'exp-1', end: null });
    expect(await refusal(registry, 'exp-1')).toBe(
      'error: exp-2 reproduces exp-1, and will be compared with it\n  → wait until it has ended; or, to go without the comparison: pipe rm --force exp-1\n',
    );
    await reproduction.finish('finished', null);
    const { exitCode, stderr } = await pipe(registry, 'rm', 'exp-1');
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(/^exp-1 was reproduced by exp-2\.\nIn the trash/),
    ]);
  });

  it('as long as outputs of others lie in its folder, whatever is said', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry);
    const texts = { data: outputOf(dir, 'data'), train: 'other weights' };
    await experiment(registry, { texts, end: 'failed' });
    await experiment(registry, { texts: { ...texts, train: 'more weights' }, parent: 'exp-2' });
    const needed =
      'error: exp-2, exp-3 use outputs that lie in the folder of exp-1\n  → remove what needs it as well: pipe rm exp-1 exp-2 exp-3\n';
    expect(await refusal(registry, 'exp-1')).toBe(needed);
    expect(await refusal(registry, '--force', 'exp-1')).toBe(needed);
    expect((await pipe(registry, 'rm', 'exp-3', 'exp-1', 'exp-2')).exitCode).toBe(0);
  });

  it('also where those were recorded by way of a link to the registry', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    const alias = join(temporaryFolder(), 'experiments');
    symlinkSync(registry.dir, alias);
    await experiment(registry, { texts: { data: outputOf(join(alias, 'exp-1'), 'data') } });
    expect(await refusal(registry, 'exp-1')).toContain('exp-2 uses outputs that lie in the folder of exp-1');
    await experiment(registry, { texts: { data: outputOf(join(registry.dir, 'exp-2'), 'data') } });
    expect(await refusal(openRegistry(alias), 'exp-2')).toContain('exp-3 uses outputs');
  });

  it('and where the record that says so is damaged', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry);
    const other = await experiment(registry, { texts: { data: outputOf(dir, 'data') } });
    const path = join(other.dir, 'stages', 'data', 'stage.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20));
    rmSync(join(other.dir, 'experiment.json'));
    expect(await refusal(registry, 'exp-1')).toContain('exp-2 uses outputs that lie in the folder of exp-1');
  });

  it('when it cannot be read, unless it is known not to run', async () => {
    const registry = temporaryRegistry();
    mkdirSync(join(registry.dir, 'exp-1'), { recursive: true });
    expect(await refusal(registry, 'exp-1')).toBe(
      'error: exp-1 has no experiment.json: whether it still runs is not known\n  → if it does not: pipe rm --force exp-1\n',
    );
    expect((await pipe(registry, 'show', 'exp-1')).stderr).toContain('pipe rm --force exp-1');
    expect((await pipe(registry, 'rm', '--force', 'exp-1')).stdout).toContain('exp-1  –         unreadable');
  });

  it('with every reason that there is', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { end: null });
    await experiment(registry, { parent: 'exp-1' });
    registry.tags.set('best', 'exp-2', { force: false });
    const message = await refusal(registry, 'exp-1', 'exp-2');
    expect(message.match(/error: .*/g)).toEqual([
      expect.stringContaining('exp-1 is running'),
      'error: tag best names exp-2',
    ]);
    expect(message).toMatch(/\nnothing was removed\n$/);
  });
});

describe('what begins to need an experiment while it is being removed', () => {
  const change: readonly (readonly [string, (registry: Registry) => Promise<unknown>, string])[] = [
    [
      'a run that goes on with it',
      registry => registry.reopen('exp-1', { kept: [], declarations: {}, command: [] }),
      'exp-1 is running',
    ],
    [
      'a run that extends it',
      registry => experiment(registry, { parent: 'exp-1', end: null }),
      'exp-2 runs and extends exp-1',
    ],
    [
      'outputs',
      registry =>
        experiment(registry, { texts: { data: outputOf(join(registry.dir, 'exp-1'), 'data') }, end: null }),
      'exp-2 uses outputs',
    ],
    [
      'a tag',
      registry => Promise.resolve(registry.tags.set('best', 'exp-1', { force: false })),
      'tag best names exp-1',
    ],
  ];

  it.each(change)('%s: keeps it in its place', async (_, begin, message) => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry, { end: 'failed' });
    await experiment(registry).then(({ id }) => pipe(registry, 'rm', id));
    const plan = await planRemoval(registry, ['exp-1'], false);
    await begin(registry);
    await expect(remove(registry, plan, false)).rejects.toMatchObject({
      problems: [{ message: expect.stringContaining(message.replace('exp-2', 'exp-3')) as string }],
    });
    expect(existsSync(join(dir, 'experiment.json'))).toBe(true);
    expect(trashed(registry)).toEqual(['removed exp-2']);
  });

  it('after it was removed: does not find it, and makes nothing in its place', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry, { end: 'failed' });
    await pipe(registry, 'rm', 'exp-1');
    await expect(registry.reopen('exp-1', { kept: [], declarations: {}, command: [] })).rejects.toMatchObject(
      {
        code: 'removed-experiment',
      },
    );
    expect(existsSync(dir)).toBe(false);
  });

  it('of two processes that remove the same, one does', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    const plans = [
      await planRemoval(registry, ['exp-1'], false),
      await planRemoval(registry, ['exp-1'], false),
    ];
    const results = await Promise.allSettled(plans.map(plan => remove(registry, plan, false)));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(trashed(registry)).toEqual(['removed exp-1']);
  });
});
