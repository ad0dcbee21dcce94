import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../src/core/experiment.ts';
import { serializeChecked } from '../../src/storage/checksum.ts';
import type { ExperimentWriter } from '../../src/registry/index.ts';
import { runMain } from '../cli/run-main.ts';
import { newExperiment } from '../registry/experiment.ts';
import { temporaryRegistry } from '../registry/rig.ts';

const declarations = { loss: { description: 'The loss.', direction: 'min' } } as const;
const reopening = { kept: [], declarations: { train: declarations }, command: ['pipe', 'resume'] };
const stages = [{ id: 'train', use: 'train', version: 1 }];

const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const measure = (writer: ExperimentWriter, steps: readonly number[]) => {
  for (const step of steps)
    writer.metric('train', { type: 'metric', step, values: { loss: 1 / step } }, declarations);
};

/** An experiment whose stage measured some steps, was interrupted, and goes on from step 100. */
async function resumedFrom100(
  steps: readonly number[],
  keep: (step: number) => boolean = step => step <= 100,
) {
  const registry = temporaryRegistry();
  const first = await registry.claim(newExperiment({ stages }));
  await first.beginStage('train');
  measure(first, steps);
  await first.finish('interrupted', null);
  const writer = await registry.reopen('exp-1', reopening);
  await writer.beginStage('train', { from: writer.dir });
  writer.keepMetrics('train', keep, declarations);
  const verify = (...argv: string[]) => runMain(['verify', ...argv], dirname(registry.dir));
  return { registry, writer, verify, metrics: join(writer.dir, 'metrics.jsonl') };
}

/** What a second process appends that does not know of the first. */
const appendBehind = (metrics: string, steps: readonly number[]) => {
  for (const step of steps)
    appendFileSync(
      metrics,
      `${JSON.stringify({ time: '2026-01-01', stage: 'train', step, values: { loss: 1 } })}\n`,
    );
};

describe('steps in metrics.jsonl', () => {
  it('that two processes wrote at once are found, with the line of the first', async () => {
    const { writer, verify, metrics } = await resumedFrom100(range(1, 180));
    for (const step of range(101, 250)) {
      measure(writer, [step]);
      writer.flushMetrics();
      appendBehind(metrics, [step]);
    }
    await writer.finish('interrupted', null);
    expect(readFileSync(metrics, 'utf8').split('\n')).toHaveLength(401);
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      '  changed     metrics.jsonl:102: stage train has loss at step 101 after step 101: ' +
        '150 of its 400 points do not rise, as more than one process wrote them\n' +
        '  → pipe reproduce exp-1 makes it again\n',
    );
  });

  it('that another resume kept twice, and steps that go back, are found also while it runs', async () => {
    const { registry, writer, verify, metrics } = await resumedFrom100(range(1, 100));
    measure(writer, range(101, 150));
    writer.flushMetrics();
    appendBehind(metrics, range(91, 120));
    await writer.finish('interrupted', null);
    const again = await registry.reopen('exp-1', reopening);
    await again.beginStage('train', { from: again.dir });
    again.keepMetrics('train', step => step <= 130, declarations);
    const found = 'metrics.jsonl:131: stage train has loss at step 91 after step 130: 30 of its 160 points';
    expect((await verify()).stdout).toContain(found);
    measure(again, range(131, 140));
    await again.finish('interrupted', null);
    expect((await verify()).stdout).toContain(found.replace('160', '170'));
  });

  it('are right where a stage was resumed, twice and from before its last step', async () => {
    const { registry, writer, verify } = await resumedFrom100(range(1, 180));
    measure(writer, range(101, 250));
    await writer.finish('interrupted', null);
    const again = await registry.reopen('exp-1', reopening);
    await again.beginStage('train', { from: again.dir });
    again.keepMetrics('train', step => step <= 200, declarations);
    measure(again, range(201, 210));
    expect((await verify()).exitCode).toBe(0);
    await again.finish('interrupted', null);
    expect((await verify()).stdout).toMatch(/^exp-1 {2}ok/);
  });

  it.each([
    ['before its resume', [1, 2, 2, 1, 3], [4, 5]],
    ['after its resume', [1, 2, 3], [5, 4, 4]],
    ['only across its resume', [1, 2, 3], [1, 2, 3]],
  ])('that a stage itself measures in any order %s are no damage', async (_, before, after) => {
    const { registry, writer, verify } = await resumedFrom100(before);
    measure(writer, after);
    await writer.finish('interrupted', null);
    const again = await registry.reopen('exp-1', reopening);
    await again.beginStage('train', { from: again.dir });
    again.keepMetrics('train', () => true, declarations);
    measure(again, [6]);
    await again.finish('interrupted', null);
    const { metrics } = (await registry.read('exp-1')).record;
    expect(metrics['loss']?.steps).toBe('any');
    expect((await verify()).stdout).toMatch(/^exp-1 {2}ok/);
  });

  it('that are taken from another experiment, where they do not rise, are no damage', async () => {
    const { registry, writer } = await resumedFrom100([1, 3, 2]);
    await writer.finish('interrupted', null);
    const other = await registry.claim(newExperiment({ stages }));
    await other.beginStage('train', { from: writer.dir });
    other.keepMetrics('train', () => true, declarations);
    await other.finish('interrupted', null);
    const again = await registry.reopen('exp-2', reopening);
    await again.finish('interrupted', null);
    expect((await runMain(['verify', 'exp-2'], dirname(registry.dir))).stdout).toMatch(/^exp-2 {2}ok/);
  });

  it('are not looked at where one process alone wrote them, as by an earlier pipe', async () => {
    const registry = temporaryRegistry();
    const writer = await registry.claim(newExperiment({ stages }));
    await writer.beginStage('train');
    measure(writer, [1, 2, 2]);
    await writer.finish('interrupted', null);
    const path = join(writer.dir, 'experiment.json');
    const record = JSON.parse(readFileSync(path, 'utf8')) as ExperimentRecord & { checksum?: string };
    delete record.metrics['loss']?.steps;
    delete record.checksum;
    writeFileSync(path, serializeChecked(record));
    expect((await runMain(['verify'], dirname(registry.dir))).exitCode).toBe(0);
  });

  it('are read within bounds, whatever is in place of the file', async () => {
    const { writer, verify, metrics } = await resumedFrom100(range(1, 100));
    await writer.finish('interrupted', null);
    truncateSync(metrics, 2 ** 40);
    const { stdout, exitCode } = await verify();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/metrics\.jsonl: \d+ bytes were recorded, 1099511627776 are there\n {2}→/);
  });
});
