/** How values were measured, and how sure they are: from a stage's event to metrics.jsonl and the record. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MetricEvent } from '../../src/core/events.ts';
import type { ExperimentWriter, Registry } from '../../src/registry/index.ts';
import { newestMetrics } from '../../src/registry/internal/newest-metrics.ts';
import { newExperiment } from './experiment.ts';
import { temporaryRegistry } from './rig.ts';

const PROTOCOL = 'pipe-cifar10@1a2b3c4d/10000x10000/uint8';
const declarations = { kid: { description: 'Kernel distance.', direction: 'min' } } as const;

type Score = Pick<MetricEvent, 'protocol' | 'intervals'>;

/** An experiment with points of stages, by default of `train`, each with the next step. */
async function scoring(registry: Registry = temporaryRegistry()) {
  const writer = await registry.claim(newExperiment());
  await writer.beginStage('train');
  let step = 0;
  const score = (values: Record<string, number>, how: Score = {}, stage = 'train') => {
    writer.metric(stage, { type: 'metric', step: ++step, values, ...how }, declarations);
  };
  return { registry, writer, score };
}

const linesOf = ({ dir }: ExperimentWriter) =>
  readFileSync(join(dir, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');

const withoutTime = (line: string | undefined) => (line ?? '').replace(/"time":"[^"]*",/, '');

describe('a score', () => {
  it('is kept with its protocol and its intervals, as a point and in the summary', async () => {
    const { registry, writer, score } = await scoring();
    score({ kid: 0.05, fid: 30 }, { protocol: PROTOCOL, intervals: { kid: [0.04, 0.06] } });
    score({ kid: 0.03, fid: 25 }, { protocol: PROTOCOL, intervals: { kid: [0.02, 0.04] } });
    score({ kid: 0.04, fid: 20 }, { protocol: PROTOCOL, intervals: { kid: [0.03, 0.05] } });
    await writer.finish('interrupted', null);
    expect(withoutTime(linesOf(writer)[0])).toBe(
      `{"stage":"train","step":1,"values":{"kid":0.05,"fid":30},"protocol":"${PROTOCOL}","intervals":{"kid":[0.04,0.06]}}`,
    );
    const { kid, fid } = (await registry.read('exp-1')).record.metrics;
    expect(kid).toMatchObject({
      last: 0.04,
      protocol: PROTOCOL,
      interval: [0.03, 0.05],
      minStep: 2,
      minInterval: [0.02, 0.04],
      maxStep: 1,
      maxInterval: [0.04, 0.06],
    });
    expect(fid).toMatchObject({ last: 20, protocol: PROTOCOL });
    expect(Object.keys(fid ?? {}).filter(name => /interval/i.test(name))).toEqual([]);
    const points = [...registry.allPoints('exp-1')].map(({ point }) => point);
    expect(points[2]).toMatchObject({ protocol: PROTOCOL, intervals: { kid: [0.03, 0.05] } });
  });

  it('has the interval of its last point, and none where that has none', async () => {
    const { registry, writer, score } = await scoring();
    score({ kid: 0.03 }, { intervals: { kid: [0.02, 0.04] } });
    score({ kid: 0.05 });
    await writer.finish('interrupted', null);
    const { kid } = (await registry.read('exp-1')).record.metrics;
    expect(kid).toMatchObject({ minInterval: [0.02, 0.04] });
    expect(kid).not.toHaveProperty('interval');
    expect(kid).not.toHaveProperty('maxInterval');
    expect(kid).not.toHaveProperty('protocol');
  });

  it('is the same for a reader of a run at work', async () => {
    const { registry, writer, score } = await scoring();
    score({ kid: 0.03 }, { protocol: PROTOCOL, intervals: { kid: [0.02, 0.04] } });
    writer.setBackend('train', 'recorded now');
    score({ kid: 0.05 }, { protocol: PROTOCOL, intervals: { kid: [0.04, 0.06] } });
    writer.flushMetrics();
    expect((await registry.read('exp-1')).record.metrics).toEqual(writer.record.metrics);
    const file = join(writer.dir, 'metrics.jsonl');
    expect(newestMetrics(file, { metrics: {} })['kid']).toMatchObject({
      protocol: PROTOCOL,
      interval: [0.04, 0.06],
      minInterval: [0.02, 0.04],
    });
    await writer.finish('interrupted', null);
  });

  it('of one name in two stages is two metrics, each with its protocol', async () => {
    const { registry, writer, score } = await scoring();
    score({ kid: 0.03 }, { protocol: 'inception@1/10000x10000' });
    score({ kid: 0.05 }, { protocol: PROTOCOL }, 'data');
    await writer.finish('interrupted', null);
    expect((await registry.read('exp-1')).record.metrics).toMatchObject({
      kid: { stage: 'train', protocol: 'inception@1/10000x10000' },
      'data.kid': { stage: 'data', protocol: PROTOCOL },
    });
  });
});

describe('points without protocol and intervals', () => {
  it('are written and summarised as ever', async () => {
    const { writer, score } = await scoring();
    score({ kid: 0.5 });
    await writer.finish('interrupted', null);
    expect(withoutTime(linesOf(writer)[0])).toBe('{"stage":"train","step":1,"values":{"kid":0.5}}');
    expect(Object.keys(writer.record.metrics['kid'] ?? {})).toEqual([
      ...['stage', 'description', 'direction', 'unit', 'count', 'step', 'last', 'min', 'max'],
      ...['minStep', 'maxStep', 'tailMean'],
    ]);
  });
});

describe('lines of others', () => {
  it('give up a protocol and intervals that no writer of pipe would have written, and keep the rest', async () => {
    const { registry, writer, score } = await scoring();
    score({ kid: 0.5 });
    writer.flushMetrics();
    const [line = ''] = linesOf(writer);
    const odd = [
      { protocol: 'two\nlines' },
      { protocol: 'x'.repeat(201) },
      { protocol: 7 },
      { intervals: { kid: [0.6, 0.4] } },
      { intervals: { kid: [0.4, null] } },
      { intervals: { fid: [0.4, 0.6] } },
      { intervals: [] },
    ];
    const lines = odd.map(fields => JSON.stringify({ ...(JSON.parse(line) as object), ...fields }));
    writeFileSync(join(writer.dir, 'metrics.jsonl'), `${lines.join('\n')}\n`);
    const points = [...registry.allPoints('exp-1')].map(({ point }) => point);
    expect(points).toHaveLength(odd.length);
    for (const point of points) expect(Object.keys(point)).toEqual(['time', 'stage', 'step', 'values']);
  });
});

describe('a metric of a stage has one protocol', () => {
  it.each<[string, string | undefined, string | undefined, string]>([
    ['another one', PROTOCOL, 'other', `protocol is "other"; expected "${PROTOCOL}"`],
    ['one after none', undefined, 'other', 'protocol is "other"; expected none'],
    ['none after one', PROTOCOL, undefined, `protocol is missing; expected "${PROTOCOL}"`],
  ])('so %s is a wrong event, and not recorded', async (_, before, after, words) => {
    const { writer, score } = await scoring();
    score({ kid: 0.5 }, before === undefined ? {} : { protocol: before });
    expect(() => {
      score({ kid: 0.4 }, after === undefined ? {} : { protocol: after });
    }).toThrow(`stage "train" emitted a wrong metric event: ${words}, as before for kid`);
    score({ fid: 30 }, { protocol: 'its own' });
    await writer.finish('failed', null);
    expect(linesOf(writer)).toHaveLength(2);
  });

  it('also when the stage resumes and keeps points, and no longer when it keeps none', async () => {
    const { registry, writer, score } = await scoring();
    score({ kid: 0.5 }, { protocol: PROTOCOL });
    await writer.finish('interrupted', null);
    const reopening = { kept: [], declarations: { train: declarations }, command: ['pipe', 'resume'] };
    const resumed = await registry.reopen('exp-1', reopening);
    await resumed.beginStage('train', { from: resumed.dir });
    const other = { type: 'metric', step: 2, values: { kid: 0.4 }, protocol: 'other' } as const;
    expect(resumed.keepMetrics('train', step => step <= 1, declarations)).toBe(1);
    expect(() => {
      resumed.metric('train', other, declarations);
    }).toThrow(`protocol is "other"; expected "${PROTOCOL}", as before for kid`);
    expect(resumed.keepMetrics('train', () => false, declarations)).toBe(0);
    resumed.metric('train', other, declarations);
    await resumed.finish('interrupted', null);
    expect((await registry.read('exp-1')).record.metrics['kid']).toMatchObject({ protocol: 'other' });
  });
});
