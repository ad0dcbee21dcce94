import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Failure, Interrupted } from '../../../src/core/failure.ts';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { openRegistry } from '../../../src/registry/index.ts';
import { cancellation } from '../../../src/run/execute/cancel.ts';
import type { Decision } from '../../../src/run/decide/decision.ts';
import { planRemoval, remove } from '../../../src/upkeep/remove.ts';
import { filesIn, planOf, run, temporaryFolder } from '../rig.ts';

describe('a run', () => {
  test('gives each stage its parameters, seed, inputs and an empty folder, and records what it says', async () => {
    const plan = planOf([
      {
        id: 'write',
        params: { words: 2, nested: { deep: true } },
        run: async context => {
          await writeFile(join(context.outputDir, 'a.txt'), 'hello');
          context.emit({ type: 'progress', done: 1, total: 2, unit: 'words' });
          context.emit({ type: 'log', level: 'info', text: 'one word' });
          context.emit({ type: 'publish', path: 'a.txt' });
          context.report('2 words');
          return { files: filesIn(context.outputDir, 'a.txt') };
        },
      },
      {
        id: 'read',
        inputs: { source: 'write' },
        metrics: { loss: { description: 'A loss.', direction: 'min' } },
        run: context => {
          context.emit({ type: 'metric', step: 1, values: { loss: 0.5 } });
          context.emit({
            type: 'log',
            level: 'warning',
            text: `${context.inputs['source']?.files[0]} with ${context.seed}`,
          });
          return { files: filesIn(context.outputDir) };
        },
      },
    ]);
    const { outcome, record, display, read } = await run(plan);

    expect(outcome).toMatchObject({ id: 'exp-1', status: 'finished', failure: null, abandoned: false });
    expect(record).toMatchObject({
      status: 'finished',
      seed: 7,
      parameters: { 'write.words': 2, 'write.nested.deep': true },
      stages: [
        { id: 'write', status: 'ran', report: '2 words' },
        { id: 'read', status: 'ran', report: null },
      ],
      metrics: { loss: { stage: 'read', last: 0.5, direction: 'min' } },
    });
    expect(record.artifacts.map(({ path }) => path)).toEqual(['artifacts/write/a.txt']);
    expect(display.progress).toEqual(['write 1']);
    expect(display.warnings).toEqual(['read: a.txt with 11']);
    expect(await read('stages', 'write', 'log.txt')).toBe('one word\n');
    expect(await read('stages', 'read', 'log.txt')).toBe('warning: a.txt with 11\n');
    expect(await read('artifacts', 'write', 'a.txt')).toBe('hello');
  });

  test('keeps what a stage prints in its log, and the terminal clean', async () => {
    const before = Object.getOwnPropertyDescriptor(process.stdout, 'write');
    const plan = planOf([
      {
        id: 'chatty',
        run: context => {
          process.stdout.write('to stdout\n');
          process.stderr.write(Buffer.from('to \u001b[31mstderr\u001b[0m\n'));
          process.stderr.write('\u001b[?25l');
          return { files: filesIn(context.outputDir) };
        },
      },
    ]);
    const { read } = await run(plan);
    expect(await read('stages', 'chatty', 'log.txt')).toBe('to stdout\nto stderr\n');
    expect(Object.getOwnPropertyDescriptor(process.stdout, 'write')).toEqual(before);
  });

  test('a stage cannot change the parameters that are recorded', async () => {
    const plan = planOf([
      {
        id: 'rude',
        params: { list: [1] },
        run: context => {
          (context.params as { list: number[] }).list.push(2);
          return { files: filesIn(context.outputDir) };
        },
      },
    ]);
    await run(plan);
    expect(plan.stages[0]?.params).toEqual({ list: [1] });
  });

  test('loads TensorFlow once, when a stage first asks, and records which', async () => {
    let loads = 0;
    const tensorflow = { kind: 'javascript', version: '4.22.0', notice: 'slow here' } as TensorFlow & {
      notice: string;
    };
    const ask = {
      run: async (context: Parameters<NonNullable<StageRun>>[0]) => {
        expect((await context.tensorflow()).version).toBe('4.22.0');
        return { files: filesIn(context.outputDir) };
      },
    };
    const plan = planOf([{ id: 'none' }, { id: 'first', ...ask }, { id: 'second', ...ask }]);
    const { record, display } = await run(plan, {
      loadTensorFlow: () => {
        loads++;
        return Promise.resolve(tensorflow);
      },
    });
    expect(loads).toBe(1);
    expect(record.environment.tensorflow).toEqual({ kind: 'javascript', version: '4.22.0' });
    expect(display.warnings).toEqual(['first: slow here']);
  });

  test('shows a stage the experiments before it, and its own', async () => {
    const registry = await temporaryFolder();
    await run(planOf([{ id: 'a' }]), { registry });
    let seen: unknown;
    await run(
      planOf([
        { id: 'a' },
        {
          id: 'look',
          run: async context => {
            const before = await context.experiments.find('latest:tiny');
            const current = await context.experiments.current();
            const outputs = await current.outputs();
            seen = [before.record.id, current.record.id, outputs.map(({ stage }) => stage)];
            return { files: filesIn(context.outputDir) };
          },
        },
      ]),
      { registry },
    );
    expect(seen).toEqual(['exp-1', 'exp-2', ['a']]);
  });
});

type StageRun = Parameters<typeof planOf>[0][number]['run'];

describe('a stage that fails', () => {
  const failing = (error: unknown) =>
    planOf([
      { id: 'first' },
      {
        id: 'broken',
        run: context => {
          context.emit({ type: 'log', level: 'info', text: 'trying' });
          throw error;
        },
      },
      { id: 'last' },
    ]);

  test('by an expected failure: its message and hint are kept, later stages are skipped', async () => {
    const failure = new Failure({
      code: 'bad-data',
      message: 'no images in here',
      details: ['looked for *.png'],
      hint: 'add some',
    });
    const { outcome, record, display } = await run(failing(failure));
    expect(outcome).toMatchObject({ status: 'failed', failure });
    expect(record).toMatchObject({
      status: 'failed',
      failure: {
        stage: 'broken',
        code: 'bad-data',
        message: 'no images in here\nlooked for *.png',
        hint: 'add some',
      },
      stages: [
        { status: 'ran' },
        { status: 'failed', reason: 'no images in here' },
        { status: 'skipped', reason: 'broken failed' },
      ],
    });
    expect(display.ends.get('last')).toEqual({ status: 'skipped', text: 'broken failed', ms: null });
  });

  test('by a bug: people see the message and where the stack is, the log has the stack', async () => {
    const { outcome, record, read } = await run(failing(new TypeError('x is not a function')));
    expect(outcome.failure?.message).toMatch(
      /^unexpected error in stage "broken": x is not a function at \S+run.test.ts:\d+:\d+, stack in exp-1\/stages\/broken\/log.txt$/,
    );
    expect(record.failure?.code).toBe('unexpected-error');
    const log = await read('stages', 'broken', 'log.txt');
    expect(log).toContain('trying\nTypeError: x is not a function\n    at ');
    expect(log).toContain('run.test.ts');
  });

  test('by throwing something that is no error', async () => {
    const { outcome } = await run(failing('just words'));
    expect(outcome.failure?.message).toContain('unexpected error in stage "broken": just words');
  });

  test('still has what it published before', async () => {
    const plan = planOf([
      {
        id: 'half',
        run: async context => {
          await writeFile(join(context.outputDir, 'sample.txt'), 'so far');
          context.emit({ type: 'publish', path: 'sample.txt' });
          throw new Failure({ code: 'nan', message: 'loss is NaN' });
        },
      },
    ]);
    const { read } = await run(plan);
    expect(await read('artifacts', 'half', 'sample.txt')).toBe('so far');
  });

  test('by publishing a file that is not there', async () => {
    const plan = planOf([
      {
        id: 'eager',
        run: context => {
          context.emit({ type: 'publish', path: 'missing.png' });
          return { files: filesIn(context.outputDir) };
        },
      },
    ]);
    const { outcome } = await run(plan);
    expect(outcome.failure?.message).toContain('missing.png');
  });

  test.each([
    [{}, ['output "files" (files) is missing']],
    [undefined, ['output "files" (files) is missing']],
    [{ files: 'a.txt' }, ['output "files" is string, not an artifact']],
    [{ files: { kind: 'images', dir: '/x' } }, ['output "files" should be of kind files, but is "images"']],
    [
      { files: { kind: 'files', dir: 'out', files: [] } },
      ['output "files" should have an absolute "dir", but it is "out"'],
    ],
    [{ files: filesIn('/x'), more: filesIn('/x') }, ['output "more" is not declared']],
  ])('by outputs that it did not declare so: %j', async (outputs, details) => {
    const { outcome } = await run(planOf([{ id: 'odd', run: () => outputs }]));
    expect(outcome.failure).toMatchObject({
      code: 'wrong-outputs',
      message: 'stage "odd" did not give the outputs that it declares',
      details,
    });
  });
});

describe('Ctrl-C', () => {
  test('once: the stage saves and stops, what is left is skipped', async () => {
    const cancel = cancellation();
    const plan = planOf([
      {
        id: 'train',
        run: async context => {
          cancel.request();
          expect(context.signal.aborted).toBe(true);
          await writeFile(join(context.outputDir, 'checkpoint.txt'), 'iteration 3');
          context.report('stopped at iteration 3');
          throw new Interrupted();
        },
      },
      { id: 'sample' },
    ]);
    const { outcome, record } = await run(plan, { cancel });
    expect(outcome).toMatchObject({ status: 'interrupted', abandoned: false, failure: null });
    expect(record).toMatchObject({
      status: 'interrupted',
      failure: null,
      stages: [
        { status: 'interrupted', report: 'stopped at iteration 3' },
        { status: 'skipped', reason: 'interrupted' },
      ],
    });
    await access(join(outcome.dir, 'stages', 'train', 'output', 'checkpoint.txt'));
  });

  test('while a stage waits for something that knows the signal', async () => {
    const cancel = cancellation();
    const plan = planOf([
      {
        id: 'download',
        run: context => {
          cancel.request();
          throw new DOMException('This operation was aborted', {
            name: 'AbortError',
            cause: context.signal.reason,
          });
        },
      },
    ]);
    const { outcome } = await run(plan, { cancel });
    expect(outcome.status).toBe('interrupted');
  });

  test('in a stage that takes no notice: it ends, the next ones do not run', async () => {
    const cancel = cancellation();
    const plan = planOf([
      {
        id: 'deaf',
        run: context => {
          cancel.request();
          return { files: filesIn(context.outputDir) };
        },
      },
      { id: 'next' },
    ]);
    const { record } = await run(plan, { cancel });
    expect(record.status).toBe('interrupted');
    expect(record.stages.map(({ status }) => status)).toEqual(['ran', 'skipped']);
  });

  test('when everything is done already: the experiment is finished', async () => {
    const cancel = cancellation();
    const plan = planOf([
      {
        id: 'only',
        run: context => {
          cancel.request();
          return { files: filesIn(context.outputDir) };
        },
      },
    ]);
    const { record } = await run(plan, { cancel });
    expect(record.status).toBe('finished');
  });

  test('twice: recorded as interrupted at once, though the stage goes on', async () => {
    const cancel = cancellation();
    const plan = planOf([
      {
        id: 'stuck',
        run: () => {
          cancel.request();
          cancel.request();
          return new Promise(() => {});
        },
      },
      { id: 'next' },
    ]);
    const { outcome, record } = await run(plan, { cancel });
    expect(outcome).toMatchObject({ status: 'interrupted', abandoned: true });
    expect(record.status).toBe('interrupted');
    expect(record.stages[0]?.status).toBe('interrupted');
  });

  test('twice: a stage that hears it too late has not failed', async () => {
    const cancel = cancellation();
    let hear = () => {};
    const plan = planOf([
      {
        id: 'slow',
        run: () => {
          cancel.request();
          cancel.request();
          return new Promise((_, reject) => {
            hear = () => {
              reject(new Interrupted());
            };
          });
        },
      },
    ]);
    const { display } = await run(plan, { cancel });
    hear();
    await nextTurn();
    expect(display.events.at(-1)).toMatchObject({ type: 'run-ended', status: 'interrupted', failure: null });
    expect(display.ends.size).toBe(0);
  });
});

test('a stage can be skipped or taken from another experiment', async () => {
  const registry = await temporaryFolder();
  const first = await run(planOf([{ id: 'data' }]), { registry });
  const folder = join(first.outcome.dir, 'stages', 'data', 'output');
  await writeFile(join(folder, 'x'), '');
  const outputs = { files: filesIn(folder, 'x') };
  let seen: unknown;
  const decisions = new Map<string, Decision>([
    ['data', { kind: 'reuse', experiment: 'exp-1', outputs }],
    ['after', { kind: 'skip', reason: 'not asked for' }],
  ]);
  const plan = planOf([
    { id: 'data', run: () => expect.fail('runs') },
    {
      id: 'use',
      inputs: { source: 'data' },
      run: context => {
        seen = context.inputs['source'];
        return { files: filesIn(context.outputDir) };
      },
    },
    { id: 'after', run: () => expect.fail('runs') },
  ]);
  const { record, outcome } = await run(plan, { registry, decisions });
  expect(seen).toEqual(outputs.files);
  expect(record).toMatchObject({
    status: 'finished',
    stages: [
      { status: 'reused', reason: 'outputs of exp-1' },
      { status: 'ran' },
      { status: 'skipped', reason: 'not asked for' },
    ],
  });
  const stored = openRegistry(registry);
  const view = stored.view(await stored.find(outcome.id));
  expect((await view.outputs())[0]?.artifact).toEqual(outputs.files);
});

test('a stage whose outputs were to be taken from an experiment that was removed meanwhile stops the run', async () => {
  const registry = await temporaryFolder();
  const first = await run(planOf([{ id: 'data' }]), { registry });
  const outputs = { files: filesIn(join(first.outcome.dir, 'stages', 'data', 'output'), 'x') };
  const plan = planOf([{ id: 'data' }, { id: 'use', inputs: { source: 'data' } }]);
  const decisions = new Map<string, Decision>([['data', { kind: 'reuse', experiment: 'exp-1', outputs }]]);
  const { removals, survey } = await planRemoval(openRegistry(registry), ['exp-1'], false);
  await remove(openRegistry(registry), { removals, survey }, false);
  const { outcome, record } = await run(plan, { registry, decisions });
  expect(outcome.failure).toMatchObject({
    code: 'reused-removed',
    message: `exp-1, whose outputs are reused for data, was removed meanwhile: ${outputs.files.dir} is gone`,
    hint: 'pipe restore exp-1 brings it back; or run the pipeline without --from',
  });
  expect(record.stages.map(({ status }) => status)).toEqual(['reused', 'skipped']);
});

test('a bug of the loop itself is not taken for a failure of the stage', async () => {
  const decisions = new Map([['a', { kind: 'no such decision' } as never]]);
  await expect(run(planOf([{ id: 'a' }]), { decisions })).rejects.toThrow('unreachable');
});
