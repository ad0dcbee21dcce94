import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openRegistry, type ExperimentSummary, type Registry } from '../../src/registry/index.ts';
import { newExperiment } from './experiment.ts';
import { finishedExperiment, temporaryFolder } from './rig.ts';

vi.mock(import('../../src/host/file-clock.ts'), () => ({ fileTime: () => Date.now() }));

/** A record is indexed some seconds after it was written: these tests look from an hour later. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  return () => vi.useRealTimers();
});

const plainParameters = ({ parameters }: ExperimentSummary) =>
  Object.fromEntries(parameters.names.map(name => [name, parameters.get(name)]));

const plainMetrics = ({ metrics }: ExperimentSummary) => {
  const { names, directions, stages, protocols, hasIntervals, values, bounds, bests } = metrics;
  return { names, directions, stages, protocols, hasIntervals, values, bounds, bests };
};

/** With their parameters and metrics as plain objects, which can be compared. */
async function summariesOf(registry: Registry) {
  const { experiments, unreadable } = await registry.summaries();
  return {
    experiments: experiments.map(each => ({
      ...each,
      parameters: plainParameters(each),
      metrics: plainMetrics(each),
    })),
    unreadable,
  };
}

/** Sixty finished experiments, enough for an index, which is there. */
async function sixty() {
  const registry = openRegistry(temporaryFolder());
  const { dir } = await finishedExperiment(registry, { loss: NaN, accuracy: -Infinity });
  for (let number = 2; number <= 60; number++)
    cpSync(dir, join(registry.dir, `exp-${number}`), { recursive: true });
  const first = await summariesOf(registry);
  return { registry, first, index: join(registry.dir, '.index') };
}

const recordOf = (registry: Registry, id: string) => join(registry.dir, id, 'experiment.json');
const idsOf = async (registry: Registry, pipeline: string) => {
  const { experiments } = await registry.summaries();
  return experiments.filter(each => each.pipeline === pipeline).map(({ id }) => id);
};

describe('the index of summaries', () => {
  it('changes nothing but the time that a list takes', async () => {
    const { registry, first, index } = await sixty();
    expect(existsSync(index)).toBe(true);
    expect(await summariesOf(registry)).toEqual(first);
    expect(first.experiments).toHaveLength(60);
    expect(first.experiments[0]).toMatchObject({
      id: 'exp-1',
      dir: join(registry.dir, 'exp-1'),
      status: 'finished',
      pipeline: 'cgan',
      seed: 42,
      sweep: null,
      metrics: {
        names: ['d_loss', 'd_accuracy'],
        directions: ['none', 'max'],
        protocols: [null, null],
        hasIntervals: false,
        values: Float64Array.of(NaN, -Infinity),
        bounds: new Float64Array(),
        stages: ['train', 'train'],
        bests: Float64Array.of(NaN, NaN, -Infinity, NaN),
      },
      failure: null,
      // The stage `data` never ran.
      reached: { id: 'data' },
    });
    rmSync(index);
    expect(await summariesOf(registry)).toEqual(first);
    expect(existsSync(index)).toBe(true);
    expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
  });

  it('has the protocols and intervals of scores', async () => {
    const { registry } = await sixty();
    const writer = await registry.claim(newExperiment());
    const values = { kid: 0.04, fid: 30 };
    const how = { protocol: 'cifar@1/10000', intervals: { fid: [29, 32] } } as const;
    writer.metric('train', { type: 'metric', step: 1, values, ...how }, {});
    writer.metric('train', { type: 'metric', step: 2, values: { loss: 1 } }, {});
    await writer.finish('finished', null);
    rmSync(join(registry.dir, '.index'));
    const before = await summariesOf(registry);
    const read = vi.spyOn(JSON, 'parse');
    const after = await summariesOf(registry);
    expect(read).toHaveBeenCalledTimes(1);
    read.mockRestore();
    expect(after).toEqual(before);
    expect(after.experiments.at(-1)?.metrics).toMatchObject({
      protocols: ['cifar@1/10000', 'cifar@1/10000', null],
      hasIntervals: true,
      bounds: Float64Array.of(NaN, NaN, 29, 32, NaN, NaN),
    });
  });

  it('has the best values with their steps and intervals', async () => {
    const { registry } = await sixty();
    const writer = await registry.claim(newExperiment());
    const declared = { kid: { description: '', direction: 'min' } } as const;
    for (const [index, kid] of [0.04, 0.03, 0.05].entries()) {
      const intervals = { kid: [kid - 0.01, kid + 0.01] } as const;
      writer.metric('train', { type: 'metric', step: index + 1, values: { kid }, intervals }, declared);
    }
    writer.metric('train', { type: 'metric', step: 3, values: { loss: 1 } }, {});
    await writer.finish('finished', null);
    rmSync(join(registry.dir, '.index'));
    const before = await summariesOf(registry);
    const after = await summariesOf(registry);
    expect(after).toEqual(before);
    expect(after.experiments.at(-1)?.metrics.bests).toEqual(
      Float64Array.of(0.03, 2, 0.03 - 0.01, 0.03 + 0.01, NaN, NaN, NaN, NaN),
    );
  });

  it('has seeds, sweeps and parameters of any kind, whether they differ or not', async () => {
    const { registry, index } = await sixty();
    const all = [
      { 'a.rate': 0.1, 'a.name': 'x', 'a.same': [1, { b: null }], 'a.mixed': 1 },
      { 'a.rate': 0.2, 'a.name': 'y', 'a.same': [1, { b: null }], 'a.mixed': 'one' },
      { 'a.rate': 0.2, 'a.name': 'x', 'a.same': [1, { b: null }], 'a.mixed': null },
      { 'b.rate': 0.3 },
      {},
    ];
    for (const [at, parameters] of all.entries()) {
      const sweep = { id: 'sweep-12', point: at + 1, repeat: 2 };
      const writer = await registry.claim(newExperiment({ seed: 4294967295 - at, parameters, sweep }));
      await writer.finish('finished', null);
    }
    rmSync(index);
    await registry.summaries();
    const read = vi.spyOn(JSON, 'parse');
    const { experiments } = await registry.summaries();
    expect(read).toHaveBeenCalledTimes(1);
    read.mockRestore();
    const newest = experiments.slice(-all.length);
    expect(newest.map(plainParameters)).toEqual(all);
    expect(newest.map(({ seed, sweep }) => [seed, sweep?.id, sweep?.point, sweep?.repeat])[4]).toEqual([
      ...[4294967291, 'sweep-12', 5, 2],
    ]);
    expect(newest[0]?.parameters.get('b.rate')).toBeUndefined();
    expect(newest[0]?.parameters.get('toString')).toBeUndefined();
    expect(experiments[0]?.parameters.get('train.learningRate')).toBe(0.0002);
  });

  it('is used: records that are unchanged are not read', async () => {
    const { registry, first } = await sixty();
    const read = vi.spyOn(JSON, 'parse');
    expect(await summariesOf(registry)).toEqual(first);
    expect(read).toHaveBeenCalledTimes(1);
    read.mockRestore();
  });

  it('leaves out what was written a moment ago, which may change within the same tick of the clock', async () => {
    vi.useRealTimers();
    const { registry, index } = await sixty();
    expect((await registry.summaries()).experiments).toHaveLength(60);
    expect(existsSync(index)).toBe(false);
  });

  it('is not believed about a record that was replaced by one of the same size and time', async () => {
    const { registry } = await sixty();
    const path = recordOf(registry, 'exp-7');
    const { atime, mtime } = statSync(path);
    writeFileSync(`${path}.new`, readFileSync(path, 'utf8').replace('"cgan"', '"dgan"'));
    utimesSync(`${path}.new`, atime, mtime);
    renameSync(`${path}.new`, path);
    expect(await idsOf(registry, 'dgan')).toEqual(['exp-7']);
  });

  it('is not believed about a record that was edited in place and given its old time', async () => {
    const { registry, index } = await sixty();
    const path = recordOf(registry, 'exp-7');
    utimesSync(path, 1000, 1000);
    rmSync(index);
    await registry.summaries();
    const { ino, size, mtimeMs } = statSync(path);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"cgan"', '"dgan"'));
    utimesSync(path, 1000, 1000);
    expect(statSync(path)).toMatchObject({ ino, size, mtimeMs });
    expect(await idsOf(registry, 'dgan')).toEqual(['exp-7']);
  });

  it('follows experiments that are removed, added, renamed, spoilt and mended', async () => {
    const { registry } = await sixty();
    rmSync(join(registry.dir, 'exp-8'), { recursive: true });
    renameSync(join(registry.dir, 'exp-9'), join(registry.dir, 'exp-90'));
    await finishedExperiment(registry, { pipelineName: 'dcgan' });
    const good = readFileSync(recordOf(registry, 'exp-10'));
    writeFileSync(recordOf(registry, 'exp-10'), '{');
    const { experiments, unreadable } = await registry.summaries();
    const ids = experiments.map(({ id }) => id);
    expect(ids).toHaveLength(59);
    expect(ids.slice(-2)).toEqual(['exp-90', 'exp-91']);
    expect(ids.filter(id => ['exp-8', 'exp-9', 'exp-10'].includes(id))).toEqual([]);
    expect(unreadable.map(({ id }) => id)).toEqual(['exp-10']);
    writeFileSync(recordOf(registry, 'exp-10'), good);
    expect((await registry.summaries()).unreadable).toEqual([]);
  });

  it('follows an experiment that runs, stops, goes on and finishes', async () => {
    const { registry } = await sixty();
    const newest = async () => {
      // Everything is indexed anew, where it may be.
      rmSync(join(registry.dir, '.index'));
      await registry.summaries();
      return (await registry.summaries()).experiments.at(-1)?.status;
    };
    const writer = await registry.claim(newExperiment());
    expect(await newest()).toBe('running');
    await writer.finish('interrupted', null);
    expect((await registry.summaries()).experiments.at(-1)?.status).toBe('interrupted');
    expect(await newest()).toBe('interrupted');
    const again = await registry.reopen(writer.id, {
      kept: [],
      declarations: {},
      command: ['pipe', 'resume'],
    });
    expect((await registry.summaries()).experiments.at(-1)?.status).toBe('running');
    expect(await newest()).toBe('running');
    await again.finish('finished', null);
    expect((await registry.summaries()).experiments.at(-1)?.status).toBe('finished');
  });

  it('is made anew when it is damaged, of another version, or something else', async () => {
    const { registry, first, index } = await sixty();
    const good = readFileSync(index);
    const flipped = (at: number) => Buffer.from(good).fill((good[at] ?? 0) ^ 1, at, at + 1);
    const end = good.indexOf('\n');
    const bad = [
      good.subarray(0, -100),
      Buffer.concat([good, Buffer.alloc(8)]),
      flipped(12),
      flipped(end - 1),
      flipped(end + 10),
      flipped(good.length - 1),
      Buffer.from(''),
      Buffer.from('x'.repeat(1000)),
      Buffer.alloc(1000),
    ];
    for (const content of bad) {
      writeFileSync(index, content);
      expect(await summariesOf(registry)).toEqual(first);
      expect(readFileSync(index)).toEqual(good);
    }
  });

  it('is made anew when its checksum is right and its content is not', async () => {
    const { registry, first, index } = await sixty();
    const good = readFileSync(index);
    const body = good.subarray(good.indexOf('\n') + 1);
    const length = Number(/ (\d+)\n/.exec(good.toString('latin1'))?.[1]);
    const numbers = body.subarray(length);
    const texts = JSON.parse(body.toString('utf8', 0, length)) as Record<string, unknown[]>;
    const forged = [
      'null',
      '{',
      '[]',
      '{}',
      ...[
        ...[{ id: [] }, { lists: [] }, { lists: [null] }, { list: texts['id'] }],
        ...[{ set: [] }, { sets: [] }, { sets: [null] }, { values: null }, { set: texts['id'] }],
        ...[
          { names: ['a'], kinds: '', shared: [1] },
          { names: ['a'], kinds: '?', shared: [1] },
        ].map(set => ({
          sets: [set],
        })),
      ].map(changes => JSON.stringify({ ...texts, ...changes })),
    ];
    for (const json of forged) {
      const content = Buffer.concat([Buffer.from(json), numbers]);
      const start = good.toString('latin1', 0, good.indexOf('\n')).split(' ').slice(0, 4).join(' ');
      const header = `${start} ${crc32(content, json.length)} ${json.length}\n`;
      writeFileSync(index, Buffer.concat([Buffer.from(header), content]));
      expect(await summariesOf(registry)).toEqual(first);
      expect(readFileSync(index)).toEqual(good);
    }
  });

  it.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a named pipe', (path: string) => spawnSync('mkfifo', [path])],
    ['an endless device', (path: string) => symlinkSync('/dev/zero', path)],
    ['a link to itself', (path: string) => symlinkSync('.index', path)],
  ])('does without where %s is in its place', async (_, put) => {
    const { registry, first, index } = await sixty();
    rmSync(index);
    put(index);
    expect(await summariesOf(registry)).toEqual(first);
    expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
  });

  it('is right whoever wrote it last, when several list at once', async () => {
    const { registry, first, index } = await sixty();
    rmSync(index);
    const lists = await Promise.all(Array.from({ length: 5 }, () => summariesOf(registry)));
    for (const list of lists) expect(list).toEqual(first);
    expect(await summariesOf(registry)).toEqual(first);
    expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
  });
});
