import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finishedExperiment, temporaryRegistry } from './rig.ts';

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
      'exp-3 has an experiment.json that is not valid JSON',
      'exp-4 has an experiment.json with /status that must be equal to constant',
      'exp-5 has an experiment.json with / that must be object',
      'exp-6 has an experiment.json that is not valid JSON',
      'exp-7 has no experiment.json',
      'exp-8 has an experiment.json that is not a file',
      'exp-9 has an experiment.json that is not a file',
      'exp-10 has an experiment.json that is far too large',
      'exp-12 has an experiment.json that is not valid JSON',
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
