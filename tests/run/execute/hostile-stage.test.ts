/** What a stage says, throws and returns may be anything: the experiment stays readable, and the stage's failure names it. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import type { StageEvent } from '../../../src/core/events.ts';
import { openRegistry } from '../../../src/registry/index.ts';
import { filesIn, planOf, run, temporaryFolder, type TestStage } from '../rig.ts';

/** One stage's run; its experiment has to be readable from the folder again. */
async function runOdd(stage: Omit<TestStage, 'id'>) {
  const registry = await temporaryFolder();
  const { outcome, record, display, read } = await run(planOf([{ id: 'odd', ...stage }]), { registry });
  const { experiments, unreadable } = await openRegistry(registry).list();
  expect(unreadable).toEqual([]);
  expect(experiments).toHaveLength(1);
  return { outcome, record, display, read };
}

type Context = Parameters<NonNullable<TestStage['run']>>[0];

const emitting = (event: unknown) => ({
  run: (context: Context) => {
    context.emit(event as StageEvent);
    return { files: filesIn(context.outputDir) };
  },
});

const throwing = (thrown: unknown) => ({
  run: () => {
    throw thrown;
  },
});

describe('an event that no reader would understand fails its stage', () => {
  test.each<[unknown, string]>([
    [
      { type: 'metric', step: 1.5, values: { loss: 1 } },
      'metric event: step is 1.5; expected a whole number from 0 on',
    ],
    [
      { type: 'metric', step: NaN, values: { loss: 1 } },
      'metric event: step is NaN; expected a whole number from 0 on',
    ],
    [
      { type: 'metric', step: '7', values: { loss: 1 } },
      'metric event: step is "7"; expected a whole number from 0 on',
    ],
    [
      { type: 'metric', step: 1, epoch: NaN, values: {} },
      'metric event: epoch is NaN; expected a number, or none',
    ],
    [{ type: 'metric', step: 1 }, 'metric event: values is missing; expected an object of numbers by name'],
    [
      { type: 'metric', step: 1, values: [1] },
      'metric event: values is a list; expected an object of numbers by name',
    ],
    [
      { type: 'metric', step: 1, values: new Map([['a', 1]]) },
      'metric event: values is a Map; expected an object of numbers by name',
    ],
    [{ type: 'metric', step: 1, values: { loss: 5n } }, 'metric event: values.loss is 5n; expected a number'],
    [
      { type: 'metric', step: 1, values: {}, protocol: 'two\nlines' },
      'metric event: protocol is "two\\nlines"; expected a text of 1 to 200 characters on one line, or none',
    ],
    [
      { type: 'metric', step: 1, values: { kid: 1 }, intervals: [[0, 1]] },
      'metric event: intervals is a list; expected an object of [low, high] by name, or none',
    ],
    [
      { type: 'metric', step: 1, values: { kid: 1 }, intervals: { kid: [2, 1] } },
      'metric event: intervals.kid is [2, 1]; expected [low, high], two finite numbers of which the first is not the larger',
    ],
    [
      { type: 'metric', step: 1, values: { kid: 1 }, intervals: { kid: [0, Infinity] } },
      'metric event: intervals.kid is [0, Infinity]; expected [low, high], two finite numbers of which the first is not the larger',
    ],
    [
      { type: 'metric', step: 1, values: { kid: 1 }, intervals: { fid: [0, 1] } },
      'metric event: intervals.fid is of no value; expected one of kid',
    ],
    [
      { type: 'progress', done: NaN, unit: 'images' },
      'progress event: done is NaN; expected a number from 0 on',
    ],
    [
      { type: 'progress', done: -1, unit: 'images' },
      'progress event: done is -1; expected a number from 0 on',
    ],
    [
      { type: 'progress', done: 1, total: Infinity, unit: 'images' },
      'progress event: total is Infinity; expected a number from 0 on, or none',
    ],
    [{ type: 'progress', done: 1 }, 'progress event: unit is missing; expected a text such as "images"'],
    [
      { type: 'progress', done: 1, unit: 'x', text: {} },
      'progress event: text is an object; expected a text, or none',
    ],
    [{ type: 'log', level: 'info', text: 42 }, 'log event: text is 42; expected a text'],
    [
      { type: 'log', level: 'error', text: 'x' },
      'log event: level is "error"; expected "info", "notice" or "warning"',
    ],
    [{ type: 'publish', path: 7 }, 'publish event: path is 7; expected a path within the output folder'],
    [
      { type: 'metrics', step: 1 },
      'event: type is "metrics"; expected "progress", "metric", "log", "publish" or "checkpoint"',
    ],
    [undefined, 'event: it is undefined; expected an object with a type'],
    ['progress', 'event: it is "progress"; expected an object with a type'],
  ])('%o', async (event, words) => {
    const { outcome, record } = await runOdd(emitting(event));
    expect(outcome.failure).toMatchObject({ code: 'wrong-event' });
    expect(outcome.failure?.message).toBe(`stage "odd" emitted a wrong ${words}`);
    expect(record).toMatchObject({ status: 'failed', failure: { stage: 'odd', code: 'wrong-event' } });
  });

  test('also when the stage catches what emit throws', async () => {
    const { outcome } = await runOdd({
      run: context => {
        try {
          context.emit({ type: 'progress', done: NaN, unit: 'images' });
        } catch {
          // As a careless stage would.
        }
        return { files: filesIn(context.outputDir) };
      },
    });
    expect(outcome.failure?.message).toContain('done is NaN');
  });

  test('and so does a second protocol of a metric, also when the stage catches what emit throws', async () => {
    const { outcome, record } = await runOdd({
      run: ({ emit, outputDir }) => {
        emit({ type: 'metric', step: 1, values: { kid: 1 }, protocol: 'a/1000' });
        try {
          emit({ type: 'metric', step: 2, values: { kid: 2 }, protocol: 'a/2000' });
        } catch {
          // As a careless stage would.
        }
        return { files: filesIn(outputDir) };
      },
    });
    expect(outcome.failure?.message).toBe(
      'stage "odd" emitted a wrong metric event: protocol is "a/2000"; expected "a/1000", as before for kid',
    );
    expect(record.metrics['kid']).toMatchObject({ count: 1, protocol: 'a/1000' });
  });

  test('with a getter that throws', async () => {
    const event = {
      type: 'metric',
      get step(): number {
        throw new TypeError('no step here');
      },
    };
    const { outcome } = await runOdd(emitting(event));
    expect(outcome.failure?.message).toContain('stage "odd" emitted a wrong event: no step here');
  });

  test('but numbers that JSON lacks are values of metrics', async () => {
    const { outcome, record } = await runOdd(
      emitting({ type: 'metric', step: 3, values: { loss: NaN, other: Infinity } }),
    );
    expect(outcome.failure).toBeNull();
    expect(record.metrics).toMatchObject({ loss: { step: 3, last: NaN }, other: { last: Infinity } });
  });

  test('by metrics without end, whose names hold numbers', async () => {
    const { outcome } = await runOdd({
      run: context => {
        const values = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`loss_${index}`, 1]));
        context.emit({ type: 'metric', step: 1, values });
        return { files: filesIn(context.outputDir) };
      },
    });
    expect(outcome.failure?.message).toContain('more than 1,000 metrics');
  });
});

test.each([
  {},
  { direction: 'up', description: 'A loss.' },
  { description: 5, direction: 'min', unit: 7 },
  null,
])('a metric that is declared as %o leaves a readable experiment', async declaration => {
  const { outcome, record } = await runOdd({
    metrics: { loss: declaration } as never,
    ...emitting({ type: 'metric', step: 1, values: { loss: 1 } }),
  });
  expect(outcome.status).toBe('finished');
  expect(record.metrics['loss']).toMatchObject({ last: 1 });
});

describe('the closing words of a stage', () => {
  const reporting = (text: unknown) => ({
    run: (context: Context) => {
      context.report(text as string);
      return { files: filesIn(context.outputDir) };
    },
  });

  test.each([
    [42, '42'],
    [null, 'null'],
    [{ images: 3 }, 'an object'],
  ])('that are no text fail it: %o', async (given, found) => {
    const { outcome } = await runOdd(reporting(given));
    expect(outcome.failure?.message).toBe(`stage "odd" reported ${found}; expected a text`);
  });

  test('are kept as one line without control characters', async () => {
    const { record } = await runOdd(reporting('3 images\r\n  \u001b[31mof 4\u001b[0m \u0007\n'));
    expect(record.stages[0]?.report).toBe('3 images of 4 \\u0007');
  });

  test('are cut where they are long, and whole in the log', async () => {
    const { record, read } = await runOdd(reporting('x'.repeat(100_000)));
    expect(record.stages[0]?.report).toBe(`${'x'.repeat(500)}… (in full in its log)`);
    expect(await read('stages', 'odd', 'log.txt')).toContain('x'.repeat(100_000));
  });
});

describe('whatever is thrown is the stage’s failure', () => {
  const withGetter = (name: string) =>
    Object.defineProperty(new Error('hidden'), name, {
      get: () => {
        throw new Error('never to be read');
      },
    });
  const cyclic = Object.freeze(Object.assign(new Error('frozen'), { code: 'X' }));
  const self = new Error('its own cause');
  self.cause = self;

  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined was thrown, which is no error'],
    ['null', null, 'null was thrown, which is no error'],
    ['an object without prototype', Object.create(null), 'an object was thrown, which is no error'],
    ['an object with a message', { message: 'words in an object' }, 'words in an object'],
    ['a symbol', Symbol('x'), 'a symbol was thrown, which is no error'],
    ['a function', () => 1, 'a function was thrown, which is no error'],
    ['an error without a message', new RangeError(), 'RangeError without a message'],
    ['an error whose message throws', withGetter('message'), 'an error that cannot be read was thrown'],
    ['an error whose stack throws', withGetter('stack'), 'hidden'],
    ['a frozen error', cyclic, 'frozen'],
    ['an error that is its own cause', self, 'its own cause'],
    [
      'a proxy that refuses everything',
      new Proxy(
        {},
        {
          getPrototypeOf: () => {
            throw new Error('no');
          },
          get: () => {
            throw new Error('no');
          },
        },
      ),
      'an error that cannot be read was thrown',
    ],
  ])('%s', async (_, thrown, words) => {
    const { outcome, record } = await runOdd(throwing(thrown));
    expect(outcome.failure).toMatchObject({ code: 'unexpected-error' });
    expect(outcome.failure?.message).toContain(`unexpected error in stage "odd": ${words}`);
    expect(record.failure?.stage).toBe('odd');
  });

  test('a failure of odd fields is made one of texts', async () => {
    const failure = new Failure({
      code: 7,
      message: { no: 'text' },
      details: 'one line',
      hint: ['a', 'list'],
    } as never);
    const { record } = await runOdd(throwing(failure));
    expect(record.failure).toMatchObject({ stage: 'odd', code: '7', message: '[object Object]\none line' });
  });

  test('a message of megabytes is cut', async () => {
    const { record } = await runOdd(throwing(new Error('y'.repeat(70_000_000))));
    expect(record.failure?.message.length).toBeLessThan(20_000);
  });
});

describe('outputs that cannot be kept as JSON fail their stage', () => {
  class Own {
    readonly a = 1;
  }
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const getter = {
    get value(): number {
      throw new Error('not now');
    },
  };

  test.each<[string, unknown, string]>([
    ['a BigInt', 5n, 'files.extra is 5n; expected what JSON can hold'],
    ['a circle', circle, 'files.extra.self leads back to itself; expected what JSON can hold'],
    ['a function', () => 1, 'files.extra is a function; expected what JSON can hold'],
    ['a symbol', Symbol('x'), 'files.extra is a symbol; expected what JSON can hold'],
    ['an object of a class', new Own(), 'files.extra is an Own; expected what JSON can hold'],
    ['a date', { at: new Date(0) }, 'files.extra.at is a Date; expected what JSON can hold'],
    ['bytes', [new Uint8Array(2)], 'files.extra[0] is a Uint8Array; expected what JSON can hold'],
    ['NaN', [1, NaN], 'files.extra[1] is NaN; expected what JSON can hold'],
    ['a getter that throws', getter, 'files.extra.value cannot be read: not now'],
  ])('%s', async (_, extra, words) => {
    const { outcome } = await runOdd({
      run: ({ outputDir }) => ({ files: { ...filesIn(outputDir), extra } }),
    });
    expect(outcome.failure).toMatchObject({ code: 'wrong-outputs' });
    expect(outcome.failure?.details).toEqual([`output ${words}`]);
  });

  test.each([[42], ['files'], [() => 1], [[]]])('an answer that is no object at all: %o', async given => {
    const { outcome } = await runOdd({ run: () => given });
    expect(outcome.failure).toMatchObject({ code: 'wrong-outputs' });
  });

  test('what is undefined is left out, as JSON does', async () => {
    const { outcome } = await runOdd({
      run: ({ outputDir }) => ({ files: { ...filesIn(outputDir), extra: undefined } }),
    });
    expect(outcome.failure).toBeNull();
    const [stage] = await outputsOf(outcome.dir);
    expect(stage).not.toHaveProperty('artifact.extra');
  });
});

async function outputsOf(dir: string) {
  const registry = openRegistry(join(dir, '..'));
  return registry.view(await registry.read('exp-1')).outputs();
}
