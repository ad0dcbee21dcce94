import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createColors } from 'picocolors';
import { beforeEach, describe, expect, it } from 'vitest';
import { reportOf } from '../../src/sweep/report.ts';
import { openOrDamage } from '../../src/sweep/stored.ts';
import { listSweeps } from '../../src/cli/sweep/show.ts';
import { definition, SweepWorld } from './driver-rig.ts';

let world: SweepWorld;
let journal: string;
let lines: readonly string[];
beforeEach(async () => {
  world = new SweepWorld();
  await world.drive(definition(), () => ({ value: 1 }));
  journal = join(world.sweep().stored.dir, 'journal.jsonl');
  lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
});

/** Lines: opened, then suggested, started and ended of each point, completed. */
const replace = (line: number, text: string) => {
  writeFileSync(journal, `${lines.with(line - 1, text).join('\n')}\n`);
};

describe('a damaged journal is refused in words:', () => {
  it.each([
    ['no JSON', 3, 'garbage'],
    ['no time', 3, '{"type":"started","point":1,"repeat":1,"at":"x"}'],
    ['no values', 2, '{"type":"suggested","at":"2026-01-01T00:00:00.000Z","point":1,"draw":0}'],
    [
      'a point out of order',
      5,
      '{"type":"suggested","at":"2026-01-01T00:00:00.000Z","point":7,"draw":1,"values":{}}',
    ],
    ['an unknown trial', 3, '{"type":"started","at":"2026-01-01T00:00:00.000Z","point":1,"repeat":2}'],
    [
      'an unknown end',
      4,
      '{"type":"ended","at":"2026-01-01T00:00:00.000Z","point":1,"repeat":1,"status":"dreamt"}',
    ],
    ['no budget', 1, '{"type":"opened","at":"2026-01-01T00:00:00.000Z"}'],
  ])('%s', (_what, line, text) => {
    replace(line, text);
    expect(() => world.sweep()).toThrow(`line ${line} of ${journal} does not follow from those before it`);
  });
});

it.each([
  ['no JSON', '{'],
  ['no space', JSON.stringify({ ...definition(), space: undefined })],
  ['no objective', JSON.stringify({ ...definition(), objective: {} })],
  ['no file', JSON.stringify({ ...definition(), file: undefined })],
  ['another id', JSON.stringify({ ...definition(), id: 'sweep-2' })],
])('a damaged definition is refused in words: %s', (_what, text) => {
  writeFileSync(join(world.sweep().stored.dir, 'sweep.json'), text);
  expect(() => world.sweep()).toThrow('sweep.json is no definition of a sweep');
});

it('a damaged sweep does not hide the others of a list', async () => {
  await world.drive(definition({ id: 'sweep-2' }), () => ({ value: 1 }));
  replace(3, 'garbage');
  const { registry } = world;
  const sweeps = registry.sweeps.ids().map(id => openOrDamage(registry, id));
  expect(listSweeps(sweeps, createColors(false))).toMatch(
    /\nsweep-1 +– +damaged +– +sweep-1 is damaged: line 3 .*\nsweep-2 +s +complete +3 done/,
  );
});

it('a folder without a journal is no sweep', () => {
  rmSync(journal);
  expect(world.registry.sweeps.ids()).toEqual([]);
  expect(() => world.sweep()).toThrow('there is no sweep sweep-1');
});

it('what ran when the driver was killed counts as stopped', () => {
  writeFileSync(journal, `${lines.slice(0, 6).join('\n')}\n`);
  const { status, counts, ranking } = reportOf(world.sweep());
  expect(status).toBe('stopped');
  expect(counts).toMatchObject({ finished: 1, running: 0, waiting: 1 });
  expect(ranking.map(point => point.status)).toEqual(['done', 'stopped']);
});
