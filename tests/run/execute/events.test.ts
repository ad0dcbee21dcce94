/** The events of a run: in order, and each once what it says is on record. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import type { ExperimentRecord } from '../../../src/core/experiment.ts';
import { cancellation } from '../../../src/run/execute/cancel.ts';
import type { RunEvent } from '../../../src/run/events.ts';
import { filesIn, planOf, run, temporaryFolder, type TestStage } from '../rig.ts';

const types = (events: readonly RunEvent[]) =>
  events.map(event => ('stage' in event ? `${event.stage} ${event.type}` : event.type));

const writes: TestStage = {
  id: 'write',
  metrics: { loss: { description: 'A loss.', direction: 'min' } },
  run: async ({ outputDir, emit, report }) => {
    emit({ type: 'metric', step: 1, values: { loss: 0.5 } });
    emit({ type: 'progress', done: 1, unit: 'steps' });
    process.stdout.write('printed\n');
    emit({ type: 'checkpoint' });
    await writeFile(join(outputDir, 'a.txt'), 'a');
    emit({ type: 'publish', path: 'a.txt' });
    report('done well');
    return { files: filesIn(outputDir, 'a.txt') };
  },
};

test('a run tells what happens in order, and why', async () => {
  const { display } = await run(planOf([writes, { id: 'last' }]), {
    decisions: new Map([
      ['write', { kind: 'run', reason: '--force' }],
      ['last', { kind: 'skip', reason: 'comes after --to write' }],
    ]),
  });
  expect(types(display.events)).toEqual([
    'claimed',
    'write stage-started',
    'write metric',
    'write progress',
    'write log',
    'write checkpoint',
    'write published',
    'write stage-ended',
    'last stage-ended',
    'metrics-drawn',
    'run-ended',
  ]);
  expect(display.events[0]).toMatchObject({ experiment: 'exp-1', stages: ['write', 'last'], resumed: false });
  expect(display.events[1]).toMatchObject({ reason: '--force', resumedFrom: null });
  expect(display.events.slice(-4)).toMatchObject([
    { status: 'ran', decision: 'run', reason: null, report: 'done well' },
    { status: 'skipped', decision: 'skip', reason: 'comes after --to write', ms: null },
    { path: 'metrics.svg' },
    { status: 'finished', failure: null, recorded: true },
  ]);
});

test('an event is on record when it is emitted', async () => {
  const registry = await temporaryFolder();
  const dir = join(registry, 'exp-1');
  const record = () => JSON.parse(readFileSync(join(dir, 'experiment.json'), 'utf8')) as ExperimentRecord;
  const found: unknown[] = [];
  const observe = (event: RunEvent) => {
    if (event.type === 'claimed') found.push(record().status);
    if (event.type === 'checkpoint')
      found.push(readFileSync(join(dir, 'metrics.jsonl'), 'utf8').includes('0.5'));
    if (event.type === 'published') found.push(existsSync(join(dir, 'artifacts/write/a.txt')));
    if (event.type === 'stage-ended') found.push(record().stages[0]?.status);
    if (event.type === 'metrics-drawn') found.push(existsSync(join(dir, event.path)));
    if (event.type === 'run-ended') found.push(record().status);
  };
  await run(planOf([writes]), { registry, observe });
  expect(found).toEqual(['running', true, true, 'ran', true, 'finished']);
});

test('what cannot be recorded is not told, and fails the stage', async () => {
  const { outcome, display } = await run(
    planOf([
      {
        id: 'write',
        run: ({ outputDir, emit }) => {
          emit({ type: 'publish', path: 'nothing.png' });
          return { files: filesIn(outputDir) };
        },
      },
    ]),
  );
  expect(types(display.events)).toEqual(['claimed', 'write stage-started', 'write stage-ended', 'run-ended']);
  expect(display.events.at(-1)).toMatchObject({ status: 'failed', failure: { code: outcome.failure?.code } });
});

test('a failure is told as data, with its hint and its problems', async () => {
  const location = { file: 'a.yaml', line: 2, column: 3, length: 1, text: '  x' };
  const problems = [{ code: 'odd', message: 'an odd x', location, suggestion: 'y' }];
  const thrown = new Failure({
    code: 'no-images',
    message: 'none',
    details: ['in a'],
    hint: 'add some',
    problems,
  });
  const { display } = await run(
    planOf([
      {
        id: 'write',
        run: () => {
          throw thrown;
        },
      },
    ]),
  );
  expect(display.events.at(-1)).toMatchObject({
    failure: { code: 'no-images', message: 'none', details: ['in a'], hint: 'add some', problems },
  });
});

test('a stage that is left behind tells nothing after the end of the run', async () => {
  const cancel = cancellation();
  let goOn = () => {};
  let hasGoneOn = Promise.resolve();
  const { display } = await run(
    planOf([
      {
        id: 'stuck',
        run: ({ emit, outputDir }) => {
          cancel.request();
          cancel.request();
          const held = new Promise<void>(resolve => {
            goOn = resolve;
          });
          hasGoneOn = held
            .then(() => {
              emit({ type: 'log', level: 'warning', text: 'still here' });
            })
            .catch(() => {});
          return hasGoneOn.then(() => ({ files: filesIn(outputDir) }));
        },
      },
    ]),
    { cancel },
  );
  goOn();
  await hasGoneOn;
  expect(types(display.events)).toEqual(['claimed', 'stuck stage-started', 'run-ended']);
  expect(display.events.at(-1)).toMatchObject({ status: 'interrupted' });
});
