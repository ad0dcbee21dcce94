import {
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StageCache } from '../../src/cache/cache.ts';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import type { Registry } from '../../src/registry/index.ts';
import { collect, planCollection } from '../../src/upkeep/collect.ts';
import { newExperiment } from '../registry/experiment.ts';
import { startWriter, temporaryFolder, temporaryRegistry } from '../registry/rig.ts';
import { bytesOf, cached, experiment, fingerprintOf, ids, outputOf, pipe, trashed, treeOf } from './rig.ts';

const short = (stage: string, text: string) => fingerprintOf(stage, text).slice(0, 12);

/** Lets an experiment have ended some days ago. */
function age(registry: Registry, id: string, days: number): void {
  const path = join(registry.dir, id, 'experiment.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as ExperimentRecord;
  const endedAt = new Date(Date.now() - days * 86_400_000).toISOString();
  writeFileSync(path, JSON.stringify({ ...record, endedAt }));
}

const names = ({ stdout }: { readonly stdout: string }) =>
  stdout
    .split('\n')
    .slice(1)
    .flatMap(line => /^(?:cache )?\S+/.exec(line) ?? []);

describe('pipe gc', () => {
  it('collects cached results that no experiment has, and leaves the others', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { texts: { data: 'pixels', train: 'one' } });
    await experiment(registry, { texts: { data: 'pixels', train: 'two' } });
    await pipe(registry, 'rm', 'exp-2');
    const { stdout, stderr, exitCode } = await pipe(registry, 'gc');
    expect(stdout).toMatch(
      new RegExp(
        `^what {16}of {14}why {20} *frees\ncache ${short('train', 'two')}  train of exp-2  no experiment uses it +[\\d.]+ k?B\n$`,
      ),
    );
    expect(stderr).toMatch(
      /^In the trash now: 1 thing; pipe restore lists them, pipe gc --empty-trash frees [\d.]+ k?B\.\n$/,
    );
    expect(exitCode).toBe(0);
    expect(cached(registry).sort()).toEqual(
      [fingerprintOf('data', 'pixels'), fingerprintOf('train', 'one')].sort(),
    );
    expect(await pipe(registry, 'gc')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'There is nothing to collect.\n',
    });
  });

  it('deletes remembered hashes of data that no experiment has read', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment());
    const [read, other] = ['a', 'b'].map(letter => letter.repeat(64)) as [string, string];
    await writer.beginStage('data', { data: [{ path: '/data', digest: read }] });
    await writer.endStage('data', { status: 'ran', report: null, reason: null }, {});
    await writer.finish('finished', null);
    const digests = join(registry.dir, '.cache', 'digests');
    mkdirSync(digests, { recursive: true });
    for (const digest of [read, other]) writeFileSync(join(digests, digest), digest);
    const told = await pipe(registry, 'gc', '--dry-run');
    expect(told.stdout).toMatch(/\n\.cache\/digests\/b{64} +– +no experiment uses it +64 B\n$/);
    expect(readdirSync(digests)).toEqual([read, other]);
    expect((await pipe(registry, 'gc')).stdout).toBe(told.stdout);
    expect(readdirSync(digests)).toEqual([read]);
    expect(trashed(registry)).toEqual([]);
    expect((await pipe(registry, 'gc')).stderr).toBe('There is nothing to collect.\n');
  });

  it('collects a result that is damaged, though an experiment has it', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { texts: { data: 'pixels', train: 'one' } });
    const file = join(registry.dir, '.cache', fingerprintOf('train', 'one'), 'entry.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('train', 'niart'));
    writeFileSync(
      join(registry.dir, '.cache', fingerprintOf('data', 'pixels'), 'output', 'text.txt'),
      'pixel',
    );
    expect((await pipe(registry, 'gc')).stdout.match(/^cache.* damaged/gm)).toHaveLength(2);
    expect(await pipe(registry, 'gc', '--dry-run')).toMatchObject({ stdout: '' });
  });

  it('deletes what killed processes left unfinished, and nothing of one that runs', async () => {
    const registry = temporaryRegistry();
    const killed = await startWriter('hang', registry.dir);
    const alive = await startWriter('hang', registry.dir);
    await Promise.all([killed.printed(/began/), alive.printed(/began/)]);
    killed.subprocess.kill('SIGKILL');
    await killed.subprocess;
    const staging = (pid: number | undefined) =>
      expect.stringMatching(new RegExp(`^\\.staging/${pid},`)) as string;
    const told = await pipe(registry, 'gc', '--dry-run', '--json');
    expect(JSON.parse(told.stdout)).toEqual({
      things: [{ kind: 'leftover', name: staging(killed.subprocess.pid), why: 'left', bytes: 256 * 1024 }],
      kept: [],
    });
    expect((await pipe(registry, 'gc', '--json')).stdout).toBe(told.stdout);
    expect((await pipe(registry, 'gc', '--failed')).stdout).toMatch(
      /^what.*\nexp-\d {2}cgan {2}crashed +[\d.]+ kB\n$/,
    );
    expect(await ids(registry)).toHaveLength(1);
    alive.subprocess.kill('SIGKILL');
    await alive.subprocess;
  });

  it('says with --dry-run exactly what it does without, in words and as JSON', async () => {
    const registry = temporaryRegistry();
    for (const end of ['finished', 'failed', 'interrupted', 'finished'] as const)
      await experiment(registry, { texts: { data: 'pixels', train: end }, end });
    const tree = treeOf(registry.dir);
    const args = ['gc', '--failed', '--keep', '1'];
    const told = await pipe(registry, ...args, '--dry-run');
    const json = await pipe(registry, ...args, '--dry-run', '--json');
    expect(told.stderr).toMatch(/^Would go to the trash: 5 things; emptying it would free [\d.]+ kB\.\n$/);
    expect(treeOf(registry.dir)).toEqual(tree);
    expect((await pipe(registry, ...args)).stdout).toBe(told.stdout);
    await pipe(registry, 'restore', '--all');
    expect((await pipe(registry, ...args, '--json')).stdout).toBe(json.stdout);
    await pipe(registry, 'restore', '--all');
    expect(treeOf(registry.dir)).toEqual(tree);
  });

  it('and emptying the trash free as many bytes as they say, whatever else has a name for a file', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry, {
      texts: { data: 'p'.repeat(50_000), train: 'o'.repeat(10_000) },
    });
    await experiment(registry, { texts: { data: 'p'.repeat(50_000), train: 't'.repeat(20_000) } });
    linkSync(join(dir, 'artifacts', 'train', 'text.txt'), join(temporaryFolder(), 'my link'));
    const before = bytesOf(registry.dir);
    const bytes = async (...args: readonly string[]) => {
      const given = JSON.parse((await pipe(registry, ...args, '--json')).stdout) as
        { bytes: number }[] | { things: { bytes: number }[] };
      return ('things' in given ? given.things : given).reduce((sum, thing) => sum + thing.bytes, 0);
    };
    // The cache has everything that the stages wrote.
    expect(await bytes('rm', 'exp-1')).toBeLessThan(10_000);
    const collected = await bytes('gc');
    expect(collected).toBeLessThan(10_000);
    const removed = await bytes('rm', 'exp-2');
    expect(removed).toBeLessThan(10_000);
    expect(await bytes('gc', '--dry-run')).toBeGreaterThan(70_000);
    await bytes('gc');
    const told = await bytes('gc', '--empty-trash', '--dry-run');
    expect(await bytes('gc', '--empty-trash')).toBe(told);
    expect(before - bytesOf(registry.dir)).toBe(told + 10_000);
  });

  it('leaves files of someone in its folders alone', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    const own = ['.cache/notes', '.trash/notes', '.trash/1,removed,exp-1', '.staging/notes', 'notes'].map(
      path => join(registry.dir, path),
    );
    for (const path of own) mkdirSync(path);
    await pipe(registry, 'gc', '--failed', '--keep', '0');
    await pipe(registry, 'gc', '--empty-trash');
    for (const path of own) expect(statSync(path).isDirectory()).toBe(true);
  });

  it('has nothing to do where there is no registry, and makes none', async () => {
    const registry = temporaryRegistry();
    for (const args of [
      ['gc'],
      ['gc', '--failed'],
      ['gc', '--empty-trash'],
      ['restore'],
      ['restore', '--all'],
    ])
      expect(await pipe(registry, ...args)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(() => statSync(registry.dir)).toThrow('ENOENT');
  });
});

describe('experiments are collected', () => {
  it('with --failed: those that did not finish', async () => {
    const registry = temporaryRegistry();
    for (const end of ['finished', 'failed', 'interrupted', null] as const)
      await experiment(registry, { end });
    const result = await pipe(registry, 'gc', '--failed', '--dry-run');
    expect(result.stdout.match(/^exp.*(?= {2})/gm)?.map(line => line.replace(/ +/g, ' ').trim())).toEqual([
      'exp-2 cgan failed',
      'exp-3 cgan interrupted',
    ]);
  });

  it('with --keep: finished ones but the newest of each pipeline', async () => {
    const registry = temporaryRegistry();
    for (const pipelineName of ['cgan', 'dcgan', 'cgan', 'cgan'])
      await experiment(registry, { pipelineName });
    await experiment(registry, { end: 'failed' });
    expect(names(await pipe(registry, 'gc', '--keep', '1')).filter(name => name.startsWith('exp'))).toEqual([
      'exp-1',
      'exp-3',
    ]);
    expect(await ids(registry)).toEqual(['exp-2', 'exp-4', 'exp-5']);
    expect((await pipe(registry, 'restore')).stdout).toMatch(/exp-1 .*there are newer ones/);
  });

  it('with --older-than: only those that ended before', async () => {
    const registry = temporaryRegistry();
    for (const end of ['failed', 'failed', 'finished', 'finished'] as const)
      await experiment(registry, { end });
    age(registry, 'exp-1', 8);
    age(registry, 'exp-2', 6);
    age(registry, 'exp-3', 8);
    expect(
      names(await pipe(registry, 'gc', '--failed', '--keep', '0', '--older-than', '7', '--dry-run')),
    ).toEqual(expect.arrayContaining(['exp-1', 'exp-3']));
    expect(
      names(await pipe(registry, 'gc', '--failed', '--keep', '0', '--older-than', '7')).filter(name =>
        name.startsWith('exp'),
      ),
    ).toEqual(['exp-1', 'exp-3']);
  });

  it('by when a crashed one was last written', async () => {
    const registry = temporaryRegistry();
    const { subprocess, printed } = await startWriter('hang', registry.dir);
    await printed(/began/);
    subprocess.kill('SIGKILL');
    await subprocess;
    const args = ['gc', '--failed', '--older-than', '7', '--dry-run'];
    expect(names(await pipe(registry, ...args))).not.toContain('exp-1');
    const then = new Date(Date.now() - 8 * 86_400_000);
    utimesSync(join(registry.dir, 'exp-1', 'experiment.json'), then, then);
    expect(names(await pipe(registry, ...args))).toContain('exp-1');
  });

  it('but none that a tag names or that one which stays needs, and it says so', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry, { end: 'failed' });
    await experiment(registry, { texts: { data: outputOf(dir, 'data') }, end: 'failed' });
    await experiment(registry, { parent: 'exp-2', end: 'failed' });
    await experiment(registry, { end: 'failed' });
    await experiment(registry, { parent: 'exp-4', end: 'failed' });
    registry.tags.set('odd', 'exp-3', { force: false });
    const { stdout, stderr } = await pipe(registry, 'gc', '--failed');
    expect(stdout.match(/^exp-\d/gm)).toEqual(['exp-4', 'exp-5']);
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      'exp-3 stays: tag odd names exp-3',
      'exp-2 stays: exp-3 extends exp-2 and may resume from it',
      'exp-1 stays: exp-2 uses outputs that lie in the folder of exp-1',
    ]);
    expect(JSON.parse((await pipe(registry, 'gc', '--failed', '--json')).stdout)).toMatchObject({
      kept: [{ id: 'exp-3', because: ['tag odd names exp-3'] }, {}, {}],
    });
  });

  it('but no trial that an unfinished sweep goes on with', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.sweeps.create({ text: '', definition: {} });
    const sweep = { id: writer.id, point: 1, repeat: 1 };
    await experiment(registry, { sweep, end: 'interrupted' });
    await experiment(registry, { sweep: { ...sweep, point: 2 }, end: 'failed' });
    const first = await pipe(registry, 'gc', '--failed');
    expect(first.stdout.match(/^exp-\d/gm)).toEqual(['exp-2']);
    expect(first.stderr).toContain('exp-1 stays: sweep-1 is unfinished and goes on with its trial exp-1\n');
    const removed = await pipe(registry, 'rm', 'exp-1');
    expect(removed.exitCode).toBe(2);
    expect(removed.stderr).toContain('pipe sweep resume sweep-1');
    writer.append({ type: 'completed', at: '', why: '' });
    expect((await pipe(registry, 'gc', '--failed')).stdout.match(/^exp-\d/gm)).toEqual(['exp-1']);
  });

  it('but none that something begins to need meanwhile; its cached results stay as well', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { texts: { train: 'one' }, end: 'failed' });
    await experiment(registry, { texts: { train: 'two' }, end: 'failed' });
    const plan = await planCollection(registry, { failed: true });
    const writer = await registry.reopen('exp-1', { kept: ['train'], declarations: {}, command: [] });
    const { things, kept } = await collect(registry, plan);
    expect(things.map(({ name }) => name)).toEqual(['exp-2', fingerprintOf('train', 'two')]);
    expect(kept).toMatchObject([
      { id: 'exp-1', because: [{ message: `exp-1 is running: process ${process.pid} on ${hostname()}` }] },
    ]);
    await writer.finish('finished', null);
    expect(trashed(registry).sort()).toEqual(
      [`failed exp-2`, `unused ${fingerprintOf('train', 'two')}`].sort(),
    );
  });

  it('but a damaged result only if it was not mended meanwhile', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { texts: { train: 'one' } });
    const entry = join(registry.dir, '.cache', fingerprintOf('train', 'one'), 'entry.json');
    renameSync(entry, `${entry}.away`);
    const plan = await planCollection(registry, {});
    expect(plan.things).toMatchObject([{ kind: 'cache', why: 'damaged', stage: null }]);
    renameSync(`${entry}.away`, entry);
    expect((await collect(registry, plan)).things).toEqual([]);
    expect(await new StageCache(registry.dir).find(fingerprintOf('train', 'one'))).toHaveProperty('entry');
  });

  it.each([
    [
      ['--older-than', '3'],
      '--older-than says how old experiments or things in the trash are, and needs --failed, --keep or --empty-trash',
    ],
    [['--empty-trash', '--failed'], '--empty-trash only empties the trash; it collects nothing'],
    [['--empty-trash', '--keep', '3'], '--empty-trash only empties the trash; it collects nothing'],
    [['--keep', '-1'], "option '--keep <n>' argument '-1' is invalid. It is a whole number from 0."],
    [
      ['--failed', '--older-than', 'week'],
      "option '--older-than <days>' argument 'week' is invalid. It is a number of days, such as 30 or 0.5.",
    ],
  ])('%j is a mistake', async (args, message) => {
    const { exitCode, stderr } = await pipe(temporaryRegistry(), 'gc', ...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('pipe gc --empty-trash', () => {
  it('says what it deletes for good, and deletes it', async () => {
    const registry = temporaryRegistry();
    await experiment(registry, { texts: { train: 'one' } });
    await pipe(registry, 'rm', 'exp-1');
    await pipe(registry, 'gc');
    const told = await pipe(registry, 'gc', '--empty-trash', '--dry-run');
    expect(told.stdout.replace(/\d{4}-\S+ \S+/g, '<time>').replace(/ +/g, ' ')).toMatch(
      new RegExp(
        `^what of removed why frees\nexp-1 cgan <time> removed by pipe rm [\\d.]+ kB\ncache ${short('train', 'one')} train of exp-1 <time> no experiment uses it [\\d.]+ k?B\n$`,
      ),
    );
    expect(told.stderr).toMatch(/^Would be deleted for good: [\d.]+ kB\.\n$/);
    expect(trashed(registry)).toHaveLength(2);
    expect(await pipe(registry, 'gc', '--empty-trash')).toEqual({
      ...told,
      stderr: told.stderr.replace('Would be deleted', 'Deleted'),
    });
    expect(trashed(registry)).toEqual([]);
    expect((await pipe(registry, 'restore', 'exp-1')).stderr).toBe(
      'error: "exp-1" is not in the trash: it was removed for good\n  → pipe restore lists what is\n',
    );
    expect((await pipe(registry, 'gc', '--empty-trash')).stderr).toBe(
      'There is nothing to delete in the trash.\n',
    );
  });

  it('with --older-than: only what was removed before', async () => {
    const registry = temporaryRegistry();
    await experiment(registry);
    await experiment(registry);
    await pipe(registry, 'rm', 'exp-1', 'exp-2');
    const first = registry.trash.entries().find(({ name }) => name === 'exp-1');
    const then = new Date(Date.now() - 86_400_000).toISOString().replace(/[-:.]/g, '');
    renameSync(first?.path ?? '', join(registry.dir, '.trash', `${then},removed,exp-1`));
    expect((await pipe(registry, 'restore')).stdout.match(/exp-\d/g)).toEqual(['exp-1', 'exp-2']);
    await pipe(registry, 'gc', '--empty-trash', '--older-than', '0.9');
    expect(trashed(registry)).toEqual(['removed exp-2']);
  });

  it('leaves what a tag names, or what an experiment that is there or stays needs', async () => {
    const registry = temporaryRegistry();
    const { dir } = await experiment(registry);
    await experiment(registry, { texts: { data: outputOf(dir, 'data') } });
    await experiment(registry);
    await experiment(registry, { texts: { data: outputOf(join(registry.dir, 'exp-3'), 'data') } });
    await experiment(registry);
    registry.tags.set('best', 'exp-4', { force: false });
    await pipe(registry, 'rm', '--force', 'exp-1', 'exp-2', 'exp-3', 'exp-4', 'exp-5');
    const restored = await pipe(registry, 'restore', 'exp-2');
    expect(restored.stderr).toBe(
      'exp-2 uses outputs that lie in the folder of exp-1, which is in the trash\n  → pipe restore exp-1\n',
    );
    const { stdout, stderr } = await pipe(registry, 'gc', '--empty-trash');
    expect(stdout.match(/^exp-\d/gm)).toEqual(['exp-5']);
    expect(stderr).toMatch(/^(exp-\d stays: .*\n){3}Deleted for good: [\d.]+ kB\.\n$/);
    expect(stderr).toContain('exp-1 stays: exp-2 uses outputs that lie in the folder of exp-1\n');
    expect(stderr).toContain('exp-4 stays: tag best names exp-4\n');
    expect(stderr).toContain(
      'exp-3 stays: exp-4, which stays in the trash, uses outputs that lie in the folder of exp-3\n',
    );
    expect(trashed(registry).sort()).toEqual(['removed exp-1', 'removed exp-3', 'removed exp-4']);
  });
});
