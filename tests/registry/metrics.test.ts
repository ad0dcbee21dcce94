import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../src/storage/lines.ts';
import type { MetricSummary } from '../../src/core/experiment.ts';
import { MetricSummaries } from '../../src/registry/internal/metric-summary.ts';
import { newestMetrics } from '../../src/registry/internal/newest-metrics.ts';
import { serializeRecord } from '../../src/registry/internal/serialize.ts';
import { newExperiment } from './experiment.ts';
import { startWriter, temporaryFolder, temporaryRegistry } from './rig.ts';

/** An experiment in its `train` stage, and a way to measure `values`. */
async function training() {
  const registry = temporaryRegistry();
  const writer = await registry.claim(newExperiment());
  await writer.beginStage('train');
  let step = 0;
  const measure = (values: Record<string, number>, stage = 'train') => {
    writer.metric(stage, { type: 'metric', step: ++step, epoch: 1, values }, {});
  };
  const lines = () =>
    readFileSync(join(writer.dir, 'metrics.jsonl'), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as unknown);
  return { registry, writer, measure, lines };
}

describe('metrics', () => {
  it('are kept point by point, and in a summary of last, min, max and the mean of the last tenth', async () => {
    const { registry, writer, measure, lines } = await training();
    for (let value = 1; value <= 25; value++) measure({ loss: value });
    measure({ loss: -3 });
    await writer.finish('interrupted', null);
    expect(lines()).toHaveLength(26);
    expect(lines()[0]).toMatchObject({ stage: 'train', step: 1, epoch: 1, values: { loss: 1 } });
    expect((await registry.read('exp-1')).record.metrics['loss']).toMatchObject({
      stage: 'train',
      count: 26,
      step: 26,
      last: -3,
      min: -3,
      max: 25,
      tailMean: (25 - 3) / 2,
    });
  });

  it('summarise a long series by its last tenth alone', async () => {
    const { registry, writer, measure } = await training();
    for (let value = 1; value <= 30_000; value++) measure({ loss: value });
    await writer.finish('interrupted', null);
    const { metrics } = (await registry.read('exp-1')).record;
    expect(metrics['loss']?.tailMean).toBe((27_001 + 30_000) / 2);
  });

  it('show NaN and infinity as they came, and leave NaN out of the smallest and largest', async () => {
    const { registry, writer, measure, lines } = await training();
    measure({ loss: 2, gradient: NaN });
    measure({ loss: Infinity, gradient: NaN });
    measure({ loss: NaN, gradient: NaN });
    await writer.finish('failed', null);
    expect(lines()[1]).toMatchObject({ values: { loss: 'Infinity', gradient: 'NaN' } });
    const { metrics } = (await registry.read('exp-1')).record;
    expect(metrics['loss']).toMatchObject({ last: NaN, min: 2, max: Infinity, tailMean: NaN });
    expect(metrics['gradient']).toMatchObject({ last: NaN, min: NaN, max: NaN });
  });

  it('know the first step of the smallest and of the largest value, also when they go on', async () => {
    const { registry, writer, measure } = await training();
    for (const value of [2, NaN, 5, 1, 5, 1, 3]) measure({ loss: value });
    await writer.finish('interrupted', null);
    const { loss } = (await registry.read('exp-1')).record.metrics;
    expect(loss).toMatchObject({ min: 1, minStep: 4, max: 5, maxStep: 3 });
    const summaries = MetricSummaries.from({ loss: loss as MetricSummary });
    for (const [index, value] of [5, 6, 1].entries())
      summaries.add('train', { step: 8 + index, values: { loss: value } }, {});
    expect(summaries.toRecord()['loss']).toMatchObject({ minStep: 4, max: 6, maxStep: 9 });
  });

  it('of one name in two stages are kept apart', async () => {
    const { registry, writer, measure } = await training();
    measure({ loss: 1 });
    measure({ loss: 5 }, 'data');
    measure({ loss: 2 });
    await writer.finish('interrupted', null);
    const { metrics } = (await registry.read('exp-1')).record;
    expect(metrics).toMatchObject({ loss: { count: 2, last: 2 }, 'data.loss': { count: 1, last: 5 } });
  });

  it('that are no numbers fail with the stage and the name', async () => {
    const { writer, measure } = await training();
    expect(() => measure({ loss: '0.5' as unknown as number })).toThrow(
      'stage "train" emitted a wrong metric event: values.loss is "0.5"; expected a number',
    );
    await writer.finish('failed', null);
  });

  it('keep their declared direction, unit and meaning', async () => {
    const { registry, writer } = await training();
    const declarations = {
      images_per_second: { description: 'Speed.', direction: 'max', unit: 'images/s' },
    } as const;
    writer.metric('train', { type: 'metric', step: 1, values: { images_per_second: 150 } }, declarations);
    const expected = { description: 'Speed.', direction: 'max', unit: 'images/s' };
    // Already while it runs: a reader does not have the declarations.
    expect((await registry.read('exp-1')).record.metrics['images_per_second']).toMatchObject(expected);
    await writer.finish('interrupted', null);
    expect((await registry.read('exp-1')).record.metrics['images_per_second']).toMatchObject(expected);
  });

  it('of a crashed experiment are read to its last whole line', async () => {
    const registry = temporaryRegistry();
    const { subprocess, printed } = await startWriter('hang', registry.dir);
    await printed(/began/);
    subprocess.kill('SIGKILL');
    await subprocess;
    const line = (step: number, loss: number) =>
      JSON.stringify({ time: '2026-01-01T00:00:00Z', stage: 'train', step, values: { loss } });
    appendFileSync(
      join(registry.dir, 'exp-1', 'metrics.jsonl'),
      `${line(1, 0.5)}\nnot a point\n${line(2, 0.25)}\n${line(3, 0.125).slice(0, -4)}`,
    );
    const { record, status } = await registry.read('exp-1');
    expect(status).toBe('crashed');
    expect(record.metrics['loss']).toMatchObject({ count: 2, last: 0.25, max: 0.5 });
  });

  it('keep what their stage declared when the record of a dead process is closed', async () => {
    const { registry, writer } = await training();
    const declared = {
      description: 'Speed.',
      direction: 'max',
      unit: 'images/s',
      wallClock: true,
    } as const;
    writer.metric('train', { type: 'metric', step: 1, values: { speed: 100 } }, { speed: declared });
    writer.setBackend('train', 'recorded now');
    const { record } = writer;
    const { pid } = spawnSync('true');
    const left = { ...record, process: { ...record.process, pid } };
    writeFileSync(join(writer.dir, 'experiment.json'), serializeRecord(left));
    await registry.closeDead('exp-1', { pid, status: 'failed', failure: () => null });
    const closed = await registry.read('exp-1');
    expect(closed.status).toBe('failed');
    expect(closed.record.metrics['speed']).toMatchObject({
      direction: 'max',
      unit: 'images/s',
      measuresTime: true,
      last: 100,
    });
  });

  it('of a run at work are read from where its record ends, with as much before as the mean needs', async () => {
    const { registry, writer, measure } = await training();
    for (let value = 1; value <= 25_000; value++) measure({ loss: value, seldom: -value });
    writer.setBackend('train', 'recorded now');
    for (let value = 25_001; value <= 25_500; value++) measure({ loss: value });
    writer.flushMetrics();
    // What is long summarized counts no more.
    const path = join(writer.dir, 'metrics.jsonl');
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(500_000, 'x'), 0, 500_000, 0);
    closeSync(file);
    const { loss, seldom } = (await registry.read('exp-1')).record.metrics;
    expect(loss).toEqual(writer.record.metrics['loss']);
    expect(loss).toMatchObject({ count: 25_500, min: 1, max: 25_500, tailMean: (22_951 + 25_500) / 2 });
    expect(seldom).toMatchObject({ count: 25_000, last: -25_000, tailMean: -(22_501 + 25_000) / 2 });
    await writer.finish('interrupted', null);
  });

  it('look back as far as it takes, in a file in which a metric is rare', async () => {
    const { writer, measure } = await training();
    for (let value = 1; value <= 300; value++)
      measure(value % 10 === 0 ? { loss: value, rare: value } : { loss: value });
    writer.flushMetrics();
    const { metrics } = writer.record;
    const metricsRead = statSync(join(writer.dir, 'metrics.jsonl')).size;
    measure({ rare: 301 });
    writer.flushMetrics();
    const newest = newestMetrics(join(writer.dir, 'metrics.jsonl'), { metrics, metricsRead }, 64);
    expect(newest).toEqual(writer.record.metrics);
    expect(newest['rare']).toMatchObject({ count: 31, tailMean: (290 + 300 + 301) / 3 });
    await writer.finish('interrupted', null);
  });

  it('are all read where the file lacks what the record tells of', async () => {
    const { registry, writer, measure } = await training();
    for (let value = 1; value <= 10; value++) measure({ loss: value });
    writer.setBackend('train', 'recorded now');
    const path = join(writer.dir, 'metrics.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${lines.slice(0, 4).join('\n')}\n`);
    expect((await registry.read('exp-1')).record.metrics['loss']).toMatchObject({ count: 4, last: 4 });
    await writer.finish('interrupted', null);
  });

  it('have a mean of at most the last 10,000 points', async () => {
    const { registry, writer, measure } = await training();
    for (let value = 1; value <= 120_000; value++) measure({ loss: value });
    await writer.finish('interrupted', null);
    const { metrics } = (await registry.read('exp-1')).record;
    expect(metrics['loss']?.tailMean).toBe((110_001 + 120_000) / 2);
  });
});

describe('the lines of a file', () => {
  it('are the same however many bytes are read at a time', () => {
    const path = join(temporaryFolder(), 'lines');
    writeFileSync(path, 'first\n\nzweite Zeile: ä€😀\nlast\ntorn');
    const whole = [...linesOf(path)];
    expect(whole.map(({ text }) => text)).toEqual(['first', '', 'zweite Zeile: ä€😀', 'last']);
    for (const piece of [1, 2, 3, 7]) expect([...linesOf(path, { piece })]).toEqual(whole);
    const later = whole.slice(2).map(line => ({ ...line, number: line.number - 2 }));
    expect([...linesOf(path, { from: 7, piece: 2 })]).toEqual(later);
  });

  it('of more than a megabyte are passed over', () => {
    const path = join(temporaryFolder(), 'lines');
    writeFileSync(path, `before\n${'x'.repeat(1.5e6)}\nbehind\n`);
    for (const piece of [1000, 1 << 20])
      expect([...linesOf(path, { piece })].map(({ text }) => text)).toEqual(['before', 'behind']);
  });
});
