import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import type { ExperimentWriter, Registry } from '../../src/registry/types.ts';
import { newExperiment } from './experiment.ts';
import { finishedExperiment, temporaryRegistry } from './rig.ts';

const declarations = { loss: { description: 'The loss.', direction: 'min' } } as const;
const reopening = {
  kept: ['data'],
  declarations: { data: {}, train: declarations },
  command: ['pipe', 'resume'],
};

const measure = (writer: ExperimentWriter, stage: string, ...steps: readonly number[]) => {
  for (const step of steps)
    writer.metric(stage, { type: 'metric', step, values: { loss: 1 / step } }, declarations);
};

/** An experiment whose stage `train` was interrupted after three points, with a file published. */
async function interrupted(registry: Registry): Promise<ExperimentWriter> {
  const writer = await registry.claim(newExperiment());
  await writer.beginStage('data');
  measure(writer, 'data', 1);
  await writer.endStage('data', { status: 'ran', report: 'ten images', reason: null }, {});
  const output = await writer.beginStage('train');
  measure(writer, 'train', 1, 2, 3);
  writeFileSync(join(output, 'grid.txt'), 'a picture');
  await writer.publish('train', 'grid.txt');
  await writer.endStage('train', { status: 'interrupted', report: null, reason: 'Ctrl-C' }, {});
  await writer.finish('interrupted', null);
  return writer;
}

const steps = (dir: string) =>
  readFileSync(join(dir, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { stage: string; step: number })
    .map(({ stage, step }) => `${stage} ${step}`);

it('goes on with its record: what had ended is kept, what had not is to do again', async () => {
  const registry = temporaryRegistry();
  const { dir } = await interrupted(registry);
  const before = (await registry.read('exp-1')).record;
  const writer = await registry.reopen('exp-1', reopening);
  const running = JSON.parse(readFileSync(join(dir, 'experiment.json'), 'utf8')) as ExperimentRecord;
  expect(running).toMatchObject({
    status: 'running',
    createdAt: before.createdAt,
    endedAt: null,
    stages: [
      { status: 'ran', report: 'ten images' },
      { status: 'pending', reason: null },
    ],
    resumes: [{ ms: before.ms, command: ['pipe', 'resume'] }],
  });
  await writer.finish('interrupted', null);
  expect((await registry.read('exp-1')).record.ms).toBeGreaterThan(before.ms ?? Infinity);
});

it('a stage that starts again loses its earlier points, files and artifacts', async () => {
  const registry = temporaryRegistry();
  const { dir } = await interrupted(registry);
  const writer = await registry.reopen('exp-1', reopening);
  const output = await writer.beginStage('train');
  expect(existsSync(join(output, 'grid.txt'))).toBe(false);
  expect(existsSync(join(dir, 'artifacts', 'train', 'grid.txt'))).toBe(false);
  measure(writer, 'train', 1);
  await writer.finish('interrupted', null);
  expect(steps(dir)).toEqual(['data 1', 'train 1']);
  const { metrics, artifacts } = (await registry.read('exp-1')).record;
  expect(metrics['train.loss']).toMatchObject({ count: 1, last: 1, direction: 'min' });
  expect(artifacts).toEqual([]);
});

it('a stage that goes on has its files, and the points that it keeps; a torn line does no harm', async () => {
  const registry = temporaryRegistry();
  const { dir } = await interrupted(registry);
  appendFileSync(join(dir, 'metrics.jsonl'), '{"time":"2026-');
  const writer = await registry.reopen('exp-1', reopening);
  const output = await writer.beginStage('train', { from: dir });
  expect(existsSync(join(output, 'grid.txt'))).toBe(true);
  writer.keepMetrics('train', step => step <= 2, declarations);
  measure(writer, 'train', 3, 4);
  await writer.finish('interrupted', null);
  expect(steps(dir)).toEqual(['data 1', 'train 1', 'train 2', 'train 3', 'train 4']);
  expect((await registry.read('exp-1')).record.metrics['train.loss']).toMatchObject({ count: 4, last: 0.25 });
});

it('another experiment’s stage is gone on from in a copy', async () => {
  const registry = temporaryRegistry();
  const { dir } = await interrupted(registry);
  const writer = await registry.claim(newExperiment({ parent: 'exp-1' }));
  const output = await writer.beginStage('train', { from: dir });
  writer.keepMetrics('train', step => step <= 2, declarations);
  writeFileSync(join(output, 'grid.txt'), 'another picture');
  await writer.finish('interrupted', null);
  expect(steps(writer.dir)).toEqual(['train 1', 'train 2']);
  expect(readFileSync(join(dir, 'stages/train/output/grid.txt'), 'utf8')).toBe('a picture');
  expect(steps(dir)).toHaveLength(4);
});

it('is given to one process at a time, and again when that one has ended', async () => {
  const registry = temporaryRegistry();
  await interrupted(registry);
  const tries = await Promise.allSettled([1, 2, 3].map(() => registry.reopen('exp-1', reopening)));
  const [writer, ...others] = tries.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
  expect(others).toEqual([]);
  for (const each of tries)
    if (each.status === 'rejected')
      expect(each.reason).toMatchObject({ code: 'experiment-running', exitCode: 2 });
  await writer?.finish('failed', null);
  const again = await registry.reopen('exp-1', reopening);
  await again.finish('finished', null);
  await expect(registry.reopen('exp-1', reopening)).rejects.toMatchObject({ code: 'experiment-finished' });
});

it('what finished or runs is not reopened', async () => {
  const registry = temporaryRegistry();
  await finishedExperiment(registry);
  const running = await registry.claim(newExperiment());
  await expect(registry.reopen('exp-1', reopening)).rejects.toThrow('exp-1 is finished');
  await expect(registry.reopen('exp-2', reopening)).rejects.toThrow('exp-2 is still running');
  await running.finish('interrupted', null);
});
