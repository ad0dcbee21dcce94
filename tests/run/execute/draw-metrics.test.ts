/** The picture of the metrics at the end of a run. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import { openRegistry } from '../../../src/registry/index.ts';
import { cancellation } from '../../../src/run/execute/cancel.ts';
import { summarize } from '../../../src/run/summary.ts';
import { verifyExperiment } from '../../../src/verify/experiment.ts';
import { FileChecker } from '../../../src/verify/file-checker.ts';
import { filesIn, planOf, run, temporaryFolder, type TestStage } from '../rig.ts';

const measuring = (run?: TestStage['run']): TestStage => ({
  id: 'train',
  run: async context => {
    for (let step = 1; step <= 3; step++) context.emit({ type: 'metric', step, values: { loss: 1 / step } });
    await run?.(context);
    return { files: filesIn(context.outputDir) };
  },
});

const pictureIn = (dir: string) => readFileSync(join(dir, 'metrics.svg'), 'utf8');

test('a run that finishes ends with a picture of its metrics, which its closing words name and no check minds', async () => {
  const plan = planOf([measuring()]);
  const registry = openRegistry(await temporaryFolder());
  const { outcome } = await run(plan, { registry: registry.dir });
  expect(pictureIn(outcome.dir)).toContain('>Metrics of exp-1</title>');
  expect(await summarize(outcome, plan, registry.dir)).toContain('  exp-1/metrics.svg');
  expect(await verifyExperiment(registry, 'exp-1', new FileChecker(() => {}))).toMatchObject({
    problems: [],
    unexpected: [],
  });
  expect(readdirSync(join(registry.dir, '.staging'))).toEqual([]);
});

test('so do one that fails and one that is interrupted, up to where they came', async () => {
  const failing = measuring(() => {
    throw new Error('no more');
  });
  const failed = await run(planOf([failing]));
  expect(failed.outcome.status).toBe('failed');
  expect(pictureIn(failed.outcome.dir)).toContain('>failed</tspan>');
  const cancel = cancellation();
  const stopped = measuring(({ signal }) => {
    cancel.request();
    signal.throwIfAborted();
  });
  const interrupted = await run(planOf([stopped]), { cancel });
  expect(interrupted.outcome.status).toBe('interrupted');
  expect(pictureIn(interrupted.outcome.dir)).toContain('>interrupted</tspan>');
});

test('a run without metrics has none', async () => {
  const { outcome, display } = await run(planOf([{ id: 'data' }]));
  expect(existsSync(join(outcome.dir, 'metrics.svg'))).toBe(false);
  expect(display.events.map(({ type }) => type)).not.toContain('metrics-drawn');
});

test('what hinders the drawing is said, and the run finishes all the same', async () => {
  const registry = await temporaryFolder();
  const dir = join(registry, 'exp-1');
  const occupying = measuring(() => {
    mkdirSync(join(dir, 'metrics.svg'));
    writeFileSync(join(dir, 'metrics.svg', 'file'), '');
  });
  const { outcome, display } = await run(planOf([occupying]), { registry });
  expect(outcome.status).toBe('finished');
  expect(display.notes.at(-1)).toMatch(
    /^warning: metrics\.svg of exp-1 is not drawn: cannot write .*; to draw it: pipe compare exp-1 --plot$/,
  );
});

test('a run that could not write leaves what room there is to records', async () => {
  const full = measuring(() => {
    throw new Failure({ code: 'storage', message: 'cannot write x: the disk is full (ENOSPC)' });
  });
  const { outcome, display } = await run(planOf([full]));
  expect(existsSync(join(outcome.dir, 'metrics.svg'))).toBe(false);
  expect(display.notes.at(-1)).toContain('metrics.svg of exp-1 is not drawn: the run could not write;');
});

test('who stops a run at once does not wait for a picture', async () => {
  const cancel = cancellation();
  const stuck = measuring(() => {
    cancel.request();
    cancel.request();
    return new Promise(() => {});
  });
  const { outcome } = await run(planOf([stuck]), { cancel });
  expect(outcome.abandoned).toBe(true);
  expect(existsSync(join(outcome.dir, 'metrics.svg'))).toBe(false);
});
