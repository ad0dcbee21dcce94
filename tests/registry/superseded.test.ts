import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { currentProcess } from '../../src/host/process-identity.ts';
import type { ExperimentWriter, Registry } from '../../src/registry/index.ts';
import { FileChecker } from '../../src/verify/file-checker.ts';
import { verify } from '../../src/verify/verify.ts';
import { newExperiment } from './experiment.ts';
import { startWriter, temporaryFolder, temporaryRegistry } from './rig.ts';

const started: Awaited<ReturnType<typeof startWriter>>[] = [];

afterEach(async () => {
  for (const { subprocess } of started) subprocess.kill('SIGKILL');
  await Promise.all(started.splice(0).map(({ subprocess }) => subprocess));
});

const declarations = { loss: { description: 'The loss.', direction: 'min' } } as const;
const reopening = { kept: [], declarations: { data: {}, train: declarations }, command: ['pipe', 'resume'] };

const measure = (writer: ExperimentWriter, stage: string, step: number) => {
  writer.metric(stage, { type: 'metric', step, values: { loss: 1 / step } }, declarations);
};

/** Makes the process of exp-1 one that looks as if it were on another machine, or gone. */
function change(registry: Registry, change: Partial<ExperimentRecord['process']>): void {
  const path = join(registry.dir, 'exp-1', 'experiment.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as ExperimentRecord;
  writeFileSync(path, JSON.stringify({ ...record, process: { ...record.process, ...change } }));
}

/** Path and content of everything in exp-1. */
function contentOf(registry: Registry): readonly string[] {
  const dir = join(registry.dir, 'exp-1');
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(
      path => `${path}: ${statSync(join(dir, path)).isFile() ? readFileSync(join(dir, path), 'utf8') : ''}`,
    );
}

/** Goes on with exp-1 to its end. */
async function takeOver(registry: Registry, force: boolean): Promise<void> {
  const writer = await registry.reopen('exp-1', { ...reopening, force });
  for (const stage of ['data', 'train']) {
    const output = await writer.beginStage(stage);
    writeFileSync(join(output, 'grid.txt'), 'a picture');
    for (let step = 1; step <= 3; step++) measure(writer, stage, step);
    writer.log(stage, 'by another process\n');
    await writer.publish(stage, 'grid.txt');
    await writer.endStage(stage, { status: 'ran', report: null, reason: null }, {});
  }
  await writer.finish('finished', null);
}

async function problemsOf(registry: Registry) {
  const problems: unknown[] = [];
  for await (const report of verify(registry, undefined, new FileChecker(() => {})))
    problems.push(...report.problems);
  return problems;
}

it.each([
  ['was taken by --force', { host: 'elsewhere' }, true],
  [
    'looked gone, as machines that were cloned with their id have it',
    { startTime: 'another-boot/1/1' },
    false,
  ],
])('a writer whose experiment %s writes nothing more to it', async (_, identity, force) => {
  if (!force && currentProcess().machine === undefined) return;
  const registry = temporaryRegistry();
  const writer = await registry.claim(newExperiment());
  const output = await writer.beginStage('train');
  measure(writer, 'train', 1);
  writer.log('train', 'by the first process\n');
  change(registry, identity);
  await takeOver(registry, force);
  const before = contentOf(registry);
  const superseded = { code: 'superseded', exitCode: 4 };
  const nothing = { status: 'ran', report: null, reason: null } as const;

  measure(writer, 'train', 2);
  expect(() => writer.flushMetrics()).toThrow(expect.objectContaining(superseded));
  expect(() => writer.setBackend('train', 'x')).toThrow(expect.objectContaining(superseded));
  writer.log('train', 'late\n');
  for (const late of [
    () => writer.endStage('train', nothing, {}),
    () => writer.publish('train', 'grid.txt'),
    () => writer.beginStage('data'),
    () => writer.beginStage('train', { from: writer.dir }),
    () => writer.restoreStage('data', () => Promise.resolve(undefined)),
    () => writer.finish('interrupted', null),
  ])
    await expect(late()).rejects.toMatchObject(superseded);
  await expect(writer.finish('failed', null)).rejects.toMatchObject({
    message: `exp-1 was taken over by process ${process.pid} on ${currentProcess().host}: this process is superseded and stops`,
    hint: 'pipe show exp-1 shows its progress',
  });
  expect(output).toContain('exp-1');
  expect(contentOf(registry)).toEqual(before);
  expect(await problemsOf(registry)).toEqual([]);
  const { resumes } = (await registry.read('exp-1')).record;
  expect(resumes?.[0]?.previous).toMatchObject({
    status: force ? 'superseded' : 'crashed',
    pid: process.pid,
  });
});

/** A writer that is stopped in front of an operation on files; undefined when it made fewer. */
async function stoppedAt(registry: Registry, operation: number) {
  const preload = `--import=${new URL('../rig/kill-at.js', import.meta.url).href}`;
  const writer = await startWriter('whole', registry.dir, undefined, {
    NODE_OPTIONS: preload,
    STOP_AT: String(operation),
  });
  started.push(writer);
  await writer.printed(/stopped|finished/);
  return writer;
}

it('a writer that was stopped in front of any operation writes nothing more when it comes back', async () => {
  const count = join(temporaryFolder(), 'count');
  const preload = `--import=${new URL('../rig/kill-at.js', import.meta.url).href}`;
  const whole = await startWriter('whole', temporaryRegistry().dir, undefined, {
    NODE_OPTIONS: preload,
    KILL_COUNT: count,
  });
  await whole.subprocess;
  const operations = Number(readFileSync(count, 'utf8'));
  let superseded = 0;
  const stride = Number(process.env['STOP_STRIDE'] ?? 17);
  for (let operation = 1 + (operations % stride); operation <= operations; operation += stride) {
    const registry = temporaryRegistry();
    const { subprocess } = await stoppedAt(registry, operation);
    if (!existsSync(join(registry.dir, 'exp-1'))) continue;
    const { record } = await registry.read('exp-1');
    if (record.status === 'finished') continue;
    change(registry, { host: 'elsewhere' });
    await takeOver(registry, true);
    const before = contentOf(registry);
    subprocess.kill('SIGCONT');
    const { stdout, stderr } = await subprocess;
    expect(stdout, `stopped at ${operation}: ${stderr}`).toMatch(/failed superseded/);
    expect(contentOf(registry), `stopped at ${operation}`).toEqual(before);
    expect(await problemsOf(registry)).toEqual([]);
    superseded++;
  }
  expect(superseded).toBeGreaterThan(5);
}, 300_000);
