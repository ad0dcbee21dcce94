import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/registry/registry.ts';
import { newExperiment } from './experiment.ts';
import { finishedExperiment, temporaryFolder, temporaryRegistry } from './rig.ts';

describe('listing experiments', () => {
  it('is empty where there is no folder, and makes none', async () => {
    const registry = temporaryRegistry();
    expect(await registry.list()).toEqual({ experiments: [], unreadable: [] });
    expect(await registry.summaries()).toEqual({ experiments: [], unreadable: [] });
    expect(existsSync(registry.dir)).toBe(false);
  });

  it('says what is wrong with each folder that cannot be read, and never fails', async () => {
    const registry = temporaryRegistry();
    await finishedExperiment(registry);
    const record = readFileSync(join(registry.dir, 'exp-1', 'experiment.json'), 'utf8');
    const write = (id: string, text: string) => {
      mkdirSync(join(registry.dir, id));
      writeFileSync(join(registry.dir, id, 'experiment.json'), text);
    };
    mkdirSync(join(registry.dir, 'exp-2'));
    write('exp-3', record.slice(0, 700));
    write('exp-4', record.replace('"finished"', '"asleep"'));
    write('exp-5', 'null');
    write('exp-6', '');
    writeFileSync(join(registry.dir, 'exp-7'), 'a file');
    mkdirSync(join(registry.dir, 'exp-8', 'experiment.json'), { recursive: true });
    mkdirSync(join(registry.dir, 'exp-9'));
    spawnSync('mkfifo', [join(registry.dir, 'exp-9', 'experiment.json')]);
    write('exp-10', '');
    truncateSync(join(registry.dir, 'exp-10', 'experiment.json'), 1e9);
    symlinkSync('exp-11', join(registry.dir, 'exp-11'));
    write('exp-12', '['.repeat(1e6));
    const expected = [
      'exp-2 has no experiment.json',
      'exp-3 has an experiment.json that is not whole JSON',
      'exp-4 has an experiment.json with /status that must be equal to constant',
      'exp-5 has an experiment.json with / that must be object',
      'exp-6 has an experiment.json that is not whole JSON',
      'exp-7 has no experiment.json',
      'exp-8 has an experiment.json that is not a file',
      'exp-9 has an experiment.json that is not a file',
      'exp-10 has an experiment.json that is far too large',
      'exp-12 has an experiment.json that is not whole JSON',
    ];
    for (const listing of [await registry.list(), await registry.summaries()]) {
      expect(listing.experiments.map(({ id }) => id)).toEqual(['exp-1']);
      expect(listing.unreadable.map(({ id, problem }) => `${id} ${problem}`)).toEqual(expected);
    }
  });

  it('takes a copied folder under the number that it bears', async () => {
    const registry = temporaryRegistry();
    const { dir } = await finishedExperiment(registry);
    cpSync(dir, join(registry.dir, 'exp-20'), { recursive: true });
    const { experiments } = await registry.list();
    expect(experiments.map(({ id, record }) => `${id} ${record.id}`)).toEqual([
      'exp-1 exp-1',
      'exp-20 exp-20',
    ]);
  });
});

describe('the index of summaries', () => {
  /** Sixty finished experiments, enough for an index. */
  async function sixty() {
    const registry = openRegistry(temporaryFolder());
    const { dir } = await finishedExperiment(registry, { loss: NaN });
    for (let number = 2; number <= 60; number++)
      cpSync(dir, join(registry.dir, `exp-${number}`), { recursive: true });
    return { registry, index: join(registry.dir, '.index') };
  }

  it('changes nothing but the time that a list takes', async () => {
    const { registry, index } = await sixty();
    const first = await registry.summaries();
    expect(existsSync(index)).toBe(true);
    expect(await registry.summaries()).toEqual(first);
    expect(first.experiments[0]).toMatchObject({
      id: 'exp-1',
      dir: join(registry.dir, 'exp-1'),
      status: 'finished',
      pipeline: 'cgan',
      metrics: {
        d_loss: { last: NaN, direction: 'none' },
        d_accuracy: { last: 0.5, direction: 'max' },
      },
      failure: null,
      // The stage `data` never ran.
      reached: { id: 'data' },
    });
    rmSync(index);
    expect(await registry.summaries()).toEqual(first);
  });

  it('is not believed about a record that was written again, even within one tick of the clock', async () => {
    const { registry } = await sixty();
    await registry.summaries();
    const path = join(registry.dir, 'exp-7', 'experiment.json');
    const changed = readFileSync(path, 'utf8').replace('"cgan"', '"dgan"');
    rmSync(path);
    writeFileSync(path, changed);
    utimesSync(path, 1, 1);
    const { experiments } = await registry.summaries();
    expect(experiments.filter(({ pipeline }) => pipeline === 'dgan').map(({ id }) => id)).toEqual(['exp-7']);
    rmSync(join(registry.dir, 'exp-8'), { recursive: true });
    expect((await registry.summaries()).experiments).toHaveLength(59);
  });

  it('is made anew when it is damaged or of another version', async () => {
    const { registry, index } = await sixty();
    const first = await registry.summaries();
    const good = readFileSync(index, 'utf8');
    for (const bad of [
      good.slice(0, -100),
      good.replace('0.5', '0.7'),
      good.replace('index 1', 'index 0'),
      '',
    ]) {
      writeFileSync(index, bad);
      expect(await registry.summaries()).toEqual(first);
      expect(readFileSync(index, 'utf8')).toBe(good);
    }
  });

  it('leaves out what still runs', async () => {
    const { registry } = await sixty();
    const writer = await registry.claim(newExperiment());
    expect((await registry.summaries()).experiments.at(-1)?.status).toBe('running');
    await writer.finish('interrupted', null);
    expect((await registry.summaries()).experiments.at(-1)?.status).toBe('interrupted');
  });
});
