/** What is written can be read: the writer refuses what a reader would, and what earlier versions wrote is not lost. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runMain } from '../cli/run-main.ts';
import { serializeChecked } from '../../src/storage/checksum.ts';
import { newExperiment } from './experiment.ts';
import { finishedExperiment, temporaryRegistry } from './rig.ts';

type Fields = Record<string, unknown>;
interface Stored extends Fields {
  readonly stages: Fields[];
  readonly metrics: Record<string, Fields>;
}

/** A finished experiment whose record is changed, with a checksum that fits or not. */
async function changedRecord(change: (record: Stored) => void, { fits = true } = {}) {
  const registry = temporaryRegistry();
  const { id } = await finishedExperiment(registry);
  const path = join(registry.dir, id, 'experiment.json');
  const { checksum, ...record } = JSON.parse(readFileSync(path, 'utf8')) as Stored & { checksum: string };
  change(record);
  writeFileSync(path, fits ? serializeChecked(record) : JSON.stringify({ ...record, checksum }));
  return registry;
}

const trainOf = ({ stages }: Stored): Fields => stages[1] ?? {};
const metricOf = ({ metrics }: Stored): Fields => Object.values(metrics)[0] ?? {};

describe('a record that an earlier pipe wrote with a fault', () => {
  it.each<[string, (record: Stored) => void, string]>([
    ['a step of 1.5', record => (metricOf(record)['step'] = 1.5), 'step is 1.5, shown as 1'],
    ['a step that is NaN', record => (metricOf(record)['step'] = 'NaN'), 'step is "NaN", shown as 0'],
    [
      'no description',
      record => delete metricOf(record)['description'],
      'description is missing, shown as ""',
    ],
    [
      'an unknown direction',
      record => (metricOf(record)['direction'] = 'up'),
      'direction is "up", shown as "none"',
    ],
    ['a unit that is no text', record => (metricOf(record)['unit'] = 7), 'unit is 7, shown as null'],
    [
      'a progress of NaN',
      record => (trainOf(record)['progress'] = { done: 'NaN', total: null, unit: 'x' }),
      'stages.1.progress is an object, left out',
    ],
    [
      'a progress without unit',
      record => (trainOf(record)['progress'] = { done: 1, total: null }),
      'stages.1.progress is an object, left out',
    ],
    [
      'a report that is no text',
      record => (trainOf(record)['report'] = 42),
      'stages.1.report is 42, shown as "42"',
    ],
  ])('with %s is read, and says what was replaced', async (_, change, words) => {
    const registry = await changedRecord(record => void change(record));
    const { experiments, unreadable } = await registry.list();
    expect(unreadable).toEqual([]);
    expect(experiments[0]?.mended).toEqual([expect.stringContaining(words)]);
    const { stdout } = await runMain(['show', 'exp-1', '--experiments', registry.dir], registry.dir);
    expect(stdout).toContain(words);
  });

  it('with several is read', async () => {
    const registry = await changedRecord(record => {
      metricOf(record)['step'] = 0.5;
      delete metricOf(record)['direction'];
      trainOf(record)['report'] = { a: 1 };
    });
    expect((await registry.read('exp-1')).mended).toHaveLength(3);
  });

  it('is unreadable where its bytes were changed, or where what is wrong is no stage’s doing', async () => {
    const changed = await changedRecord(record => void (metricOf(record)['step'] = 1.5), { fits: false });
    expect((await changed.list()).unreadable).toHaveLength(1);
    const strange = await changedRecord(record => void (record['seed'] = 'seven'));
    expect((await strange.list()).unreadable).toHaveLength(1);
  });
});

describe('the writer', () => {
  it('refuses events that no reader understands, and its experiment stays readable', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(
      newExperiment({ stages: [{ id: 'train', use: 'train', version: 1 }] }),
    );
    await writer.beginStage('train');
    expect(() => writer.progress('train', { type: 'progress', done: NaN, unit: 'x' })).toThrow('done is NaN');
    expect(() => writer.metric('train', { type: 'metric', step: 1.5, values: {} }, {})).toThrow(
      'step is 1.5',
    );
    await writer.endStage('train', { status: 'ran', report: null, reason: null }, {});
    await writer.finish('finished', null);
    expect((await registry.read('exp-1')).record.status).toBe('finished');
  });

  it('writes no record that it could not read, and keeps the one that is there', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(
      newExperiment({ stages: [{ id: 'train', use: 'train', version: 1 }] }),
    );
    await writer.beginStage('train');
    const end = { status: 'ran', report: 42 as unknown as string, reason: null } as const;
    await expect(writer.endStage('train', end, {})).rejects.toThrow(
      'not written, as it could not be read back: a stage.json with /report that must be string',
    );
    await writer.finish('failed', null);
    expect((await registry.read('exp-1')).record.status).toBe('failed');
    await expect(registry.claim(newExperiment({ seed: 1.5 }))).rejects.toThrow(
      'not written, as it could not be read back: an experiment.json with /seed that must be integer',
    );
  });
});
