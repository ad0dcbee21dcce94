import { createHash } from 'node:crypto';
import type * as fs from 'node:fs';
import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { StageCache } from '../../src/cache/cache.ts';
import { checkDocument } from '../../src/storage/checksum.ts';
import { newExperiment } from './experiment.ts';
import { temporaryRegistry } from './rig.ts';

vi.mock('node:fs', async original => {
  const real = await original<typeof fs>();
  return { ...real, createReadStream: vi.fn(real.createReadStream) };
});

beforeEach(() => {
  vi.mocked(createReadStream).mockClear();
});

const readJson = <T>(...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8')) as T;
const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

const ran = { status: 'ran', report: null, reason: null } as const;
const failed = { ...ran, status: 'failed' } as const;
/** Large enough to be read as a stream. */
const data = new Uint8Array(1 << 20);

interface StageJson {
  readonly files?: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

async function running() {
  const registry = temporaryRegistry();
  const writer = await registry.claim(newExperiment());
  const output = await writer.beginStage('data');
  return { registry, writer, output, stage: () => readJson<StageJson>(writer.dir, 'stages/data/stage.json') };
}

describe('hashes', () => {
  it('are recorded of every file that a stage wrote, and of the points', async () => {
    const { writer, output, stage } = await running();
    mkdirSync(join(output, 'checkpoints/1'), { recursive: true });
    writeFileSync(join(output, 'images.u8'), data);
    writeFileSync(join(output, 'checkpoints/1/weights'), 'w');
    writer.metric('data', { type: 'metric', step: 1, values: { images: NaN } }, {});
    await writer.endStage('data', ran, {});
    expect(stage().files).toEqual([
      { path: 'stages/data/output/checkpoints/1/weights', bytes: 1, sha256: sha256('w') },
      { path: 'stages/data/output/images.u8', bytes: data.length, sha256: sha256(data) },
    ]);
    expect(writer.record.metricsFile).toBeUndefined();
    await writer.finish('finished', null);
    const points = readFileSync(join(writer.dir, 'metrics.jsonl'));
    expect(writer.record.metricsFile).toEqual({ bytes: points.length, sha256: sha256(points) });
  });

  it('take one reading of a file, though it is published and kept, and one for each run that takes it', async () => {
    const { registry, writer, output } = await running();
    writeFileSync(join(output, 'images.u8'), data);
    await writer.publish('data', 'images.u8');
    await writer.endStage('data', ran, {});
    const cache = new StageCache(registry.dir);
    const about = { fingerprint: 'f', parts: {} as never, backend: null, report: null, outputs: {} };
    await cache.put({ stage: 'data', writer, ...about }, { replace: false });
    expect(createReadStream).toHaveBeenCalledTimes(1);
    const [artifact] = writer.record.artifacts;
    expect(artifact).toMatchObject({ path: 'artifacts/data/images.u8', sha256: sha256(data) });

    const other = await registry.claim(newExperiment());
    const found = await cache.find('f');
    if (found === undefined || 'damaged' in found) expect.fail('it is not in the cache');
    await other.restoreStage('data', output => cache.take(found.entry, output, other));
    await other.endStage('data', { ...ran, status: 'reused' }, {});
    expect(readJson<StageJson>(other.dir, 'stages/data/stage.json').files).toMatchObject([
      { path: 'stages/data/output/images.u8', sha256: sha256(data) },
    ]);
    expect(createReadStream).toHaveBeenCalledTimes(2);
  });

  it('are not taken of what a stage may still be writing, nor of what it measures after the end', async () => {
    const { writer, output, stage } = await running();
    writeFileSync(join(output, 'half'), 'h');
    await writer.endStage('data', { ...failed, isAtWork: true }, {});
    expect(stage().files).toBeUndefined();
    expect(stage()).not.toHaveProperty('isAtWork');
    await writer.finish('failed', null);
    const points = () => readFileSync(join(writer.dir, 'metrics.jsonl'), 'utf8');
    writer.metric('data', { type: 'metric', step: 2, values: { images: 2 } }, {});
    writer.flushMetrics();
    expect(points()).toBe('');
    expect(writer.record.metricsFile).toEqual({ bytes: 0, sha256: sha256('') });
  });

  it('of the points go while a resumed experiment adds to them', async () => {
    const { registry, writer } = await running();
    await writer.finish('interrupted', null);
    const again = await registry.reopen('exp-1', { kept: [], declarations: {}, command: [] });
    expect((await registry.read('exp-1')).record).not.toHaveProperty('metricsFile');
    again.metric('data', { type: 'metric', step: 1, values: { images: 1 } }, {});
    await again.finish('finished', null);
    const points = readFileSync(join(writer.dir, 'metrics.jsonl'));
    expect((await registry.read('exp-1')).record.metricsFile?.sha256).toBe(sha256(points));
  });
});

describe('the records of an experiment and its stages', () => {
  it('carry a checksum, which no reader sees', async () => {
    const { registry, writer } = await running();
    // Keys like numbers and names of JavaScript's own keep their places.
    writer.metric('data', { type: 'metric', step: 1, values: { 7: NaN, constructor: -0, __proto__: 1 } }, {});
    await writer.endStage('data', ran, {});
    await writer.finish('finished', null);
    for (const path of ['experiment.json', 'stages/data/stage.json']) {
      const document = readJson<{ checksum?: string }>(writer.dir, path);
      expect(checkDocument(document)).toBe('intact');
      expect(checkDocument({ ...document, id: 'exp-2' })).toBe('changed');
      delete document.checksum;
      expect(checkDocument(document)).toBe('unknown');
    }
    expect((await registry.read('exp-1')).record).not.toHaveProperty('checksum');
  });
});
