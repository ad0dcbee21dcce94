import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { currentProcess, type ProcessIdentity } from '../../src/host/process-identity.ts';
import type { ExperimentWriter, Registry } from '../../src/registry/index.ts';
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

it('what comes from the cache replaces what is there as a whole, and until it has ended nothing has begun', async () => {
  const registry = temporaryRegistry();
  const { dir } = await interrupted(registry);
  const writer = await registry.reopen('exp-1', reopening);
  const output = join(dir, 'stages', 'train', 'output');
  const fill = (word: string | undefined) =>
    writer.restoreStage('train', folder => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'word.txt'), word ?? 'half');
      return Promise.resolve(word);
    });

  expect(await fill(undefined)).toBeUndefined();
  expect(readdirSync(output)).toEqual(['grid.txt']);
  expect(steps(dir)).toHaveLength(4);

  expect(await fill('whole')).toBe('whole');
  expect(readdirSync(output)).toEqual(['word.txt']);
  expect(steps(dir)).toEqual(['data 1']);
  const stages = () =>
    (JSON.parse(readFileSync(join(dir, 'experiment.json'), 'utf8')) as ExperimentRecord).stages;
  expect(stages()[1]).toMatchObject({ status: 'pending', startedAt: null });
  await writer.endStage('train', { status: 'reused', report: null, reason: null }, {});
  expect(stages()[1]).toMatchObject({ status: 'reused', startedAt: expect.any(String) as string });
  await writer.finish('interrupted', null);
  expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
});

describe('who resumes an experiment', () => {
  const resumes = (dir: string) => readdirSync(join(dir, '.resumes'));

  /** An experiment that was crashed, with a resume of this process rewritten to be another one’s. */
  async function resumedBy(registry: Registry, change: Partial<ProcessIdentity>): Promise<string> {
    const { dir } = await interrupted(registry);
    await registry.reopen('exp-1', reopening);
    const owner = { ...currentProcess(), ...change };
    for (const path of ['.resumes/1/process.json', 'experiment.json'])
      rewrite(join(dir, path), path === 'experiment.json' ? { process: owner } : owner);
    return dir;
  }

  const rewrite = (path: string, change: object) => {
    const before = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...before, ...change }));
  };

  const [boot = '', namespace = '', ticks = ''] = currentProcess().startTime.split('/');

  it('is told by one folder, however often it was', async () => {
    const registry = temporaryRegistry();
    const { dir } = await interrupted(registry);
    for (let time = 1; time <= 5; time++)
      await (await registry.reopen('exp-1', reopening)).finish('interrupted', null);
    expect(resumes(dir)).toEqual(['5']);
  });

  it.skipIf(process.platform !== 'linux').each([
    ['a process that was given the same pid', { startTime: `${boot}/${namespace}/${Number(ticks) + 1}` }],
    ['a process of before the machine was started anew', { startTime: `another-boot/${namespace}/${ticks}` }],
    ['a process that has ended', { pid: 2 ** 22 + 1 }],
  ])('is not misled by %s', async (_, change) => {
    const registry = temporaryRegistry();
    const dir = await resumedBy(registry, change);
    expect((await registry.read('exp-1')).status).toBe('crashed');
    await (await registry.reopen('exp-1', reopening)).finish('interrupted', null);
    expect(resumes(dir)).toEqual(['2']);
  });

  it('may be a process of another host, which only --force takes it from', async () => {
    const registry = temporaryRegistry();
    const dir = await resumedBy(registry, { host: 'elsewhere', pid: 12 });
    expect((await registry.read('exp-1')).status).toBe('running');
    await expect(registry.reopen('exp-1', reopening)).rejects.toMatchObject({
      message: 'exp-1 is recorded as running: process 12 on elsewhere',
      details: [
        'That process cannot be seen from here: it is of another machine or container, or hidden from this user.',
        'If it is still running, exp-1 is taken from it: it stops, and its work since the last checkpoint is lost.',
      ],
      hint: 'only when you are sure that it is gone: pipe resume exp-1 --force',
    });
    const writer = await registry.reopen('exp-1', { ...reopening, force: true });
    await expect(registry.reopen('exp-1', { ...reopening, force: true })).rejects.toMatchObject({
      details: ['It is alive on this host, which --force does not override.'],
    });
    await writer.finish('interrupted', null);
    expect(resumes(dir)).toEqual(['2']);
  });

  it('was none, where the folder of a resume is damaged', async () => {
    const registry = temporaryRegistry();
    const { dir } = await interrupted(registry);
    mkdirSync(join(dir, '.resumes', '3'), { recursive: true });
    writeFileSync(join(dir, '.resumes', '3', 'something'), '');
    await (await registry.reopen('exp-1', reopening)).finish('interrupted', null);
    expect(resumes(dir)).toEqual(['4']);
  });
});
