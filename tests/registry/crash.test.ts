import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { currentProcess } from '../../src/host/process-identity.ts';
import type { Registry } from '../../src/registry/index.ts';
import { newExperiment } from './experiment.ts';
import { startWriter, temporaryRegistry } from './rig.ts';

const started: Awaited<ReturnType<typeof startWriter>>[] = [];

afterEach(async () => {
  for (const { subprocess } of started) subprocess.kill('SIGKILL');
  await Promise.all(started.splice(0).map(({ subprocess }) => subprocess));
});

/** A process that has begun the stage `train` of exp-1, and hangs there. */
async function hangingRun(registry: Registry) {
  const writer = await startWriter('hang', registry.dir);
  started.push(writer);
  await writer.printed(/began/);
  const kill = async () => {
    writer.subprocess.kill('SIGKILL');
    await writer.subprocess;
  };
  return { kill };
}

function rewriteProcess(registry: Registry, change: (process: ExperimentRecord['process']) => object) {
  const path = join(registry.dir, 'exp-1', 'experiment.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as ExperimentRecord;
  writeFileSync(
    path,
    JSON.stringify({ ...record, process: { ...record.process, ...change(record.process) } }),
  );
}

const statusOf = async (registry: Registry) => (await registry.read('exp-1')).status;

describe('a process that ends without a word', () => {
  it('is shown as crashed as soon as it is gone', async () => {
    const registry = temporaryRegistry();
    const run = await hangingRun(registry);
    expect(await statusOf(registry)).toBe('running');
    await run.kill();
    expect(await statusOf(registry)).toBe('crashed');
    expect((await registry.summaries()).experiments[0]).toMatchObject({
      status: 'crashed',
      reached: { id: 'data' },
    });
  });

  it('is not taken for another one that got its pid', async () => {
    const registry = temporaryRegistry();
    await hangingRun(registry);
    rewriteProcess(registry, ({ startTime }) => ({ startTime: startTime.replace(/\d+$/, '1') }));
    expect(await statusOf(registry)).toBe('crashed');
  });

  it.skipIf(currentProcess().machine === undefined)('is gone when the machine was started anew', async () => {
    const registry = temporaryRegistry();
    await hangingRun(registry);
    rewriteProcess(registry, ({ startTime }) => ({ startTime: `another boot${startTime}` }));
    expect(await statusOf(registry)).toBe('crashed');
  });

  it('cannot be judged from another host, so what it says stands', async () => {
    const registry = temporaryRegistry();
    const run = await hangingRun(registry);
    rewriteProcess(registry, () => ({ host: `not-${hostname()}` }));
    await run.kill();
    expect(await statusOf(registry)).toBe('running');
  });

  it('leaves a whole experiment at whatever moment it is killed, and nothing unfinished for long', async () => {
    const registry = temporaryRegistry();
    const kills = 12;
    for (let kill = 1; kill <= kills; kill++) {
      const writer = await startWriter('write', registry.dir);
      started.push(writer);
      await writer.printed(kill % 2 === 0 ? /claimed/ : /began/);
      writer.subprocess.kill('SIGKILL');
      await writer.subprocess;
    }
    const { experiments, unreadable } = await registry.list();
    expect(unreadable).toEqual([]);
    expect(experiments.map(({ status }) => status)).toEqual(Array.from({ length: kills }, () => 'crashed'));
    for (const { id } of experiments) await registry.read(id);
    const writer = await registry.claim(newExperiment());
    expect(readdirSync(join(registry.dir, '.staging'))).toHaveLength(1);
    await writer.finish('interrupted', null);
    const files = readdirSync(registry.dir, { recursive: true, encoding: 'utf8' });
    const known =
      /(^|\/)(exp-\d+|artifacts|stages|train|output|grid\.txt|log\.txt|stage\.json|\.staging|\.numbers|\.trash|\.gitignore)$/;
    // What a killed process left unfinished lies with the experiment: the resume that follows, or `pipe rm`, removes it.
    const attempt = /^exp-\d+\/\.resumes(\/0(\/.*)?)?$/;
    const roots = /(experiment\.json|metrics\.jsonl|pipeline\.yaml|resolved\.yaml)$/;
    expect(files.filter(file => !known.test(file) && !attempt.test(file) && !roots.test(file))).toEqual([]);
  });
});
