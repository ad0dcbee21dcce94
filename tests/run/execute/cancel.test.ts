import { describe, expect, onTestFinished, test } from 'vitest';
import { Interrupted } from '../../../src/core/failure.ts';
import { onceOfTwoWays } from '../../../src/run/process/watched.ts';
import { cancellation, onStopSignals, type StopSignalOptions } from '../../../src/run/execute/cancel.ts';

/** Signals as this process would get them, without sending any: counts how often it was asked to stop. */
function asked(env: Readonly<Record<string, string>>, options?: StopSignalOptions) {
  let count = 0;
  const end = onStopSignals(() => void count++, env, options);
  onTestFinished(end);
  return { count: () => count, end };
}

const receive = (signal: NodeJS.Signals) => void process.emit(signal, signal);

test('asked once, a run may finish what it is at; asked twice, it stops at once', () => {
  const cancel = cancellation();
  cancel.request();
  expect([cancel.signal.aborted, cancel.stopNow.aborted]).toEqual([true, false]);
  expect(cancel.signal.reason).toBeInstanceOf(Interrupted);
  cancel.request();
  expect(cancel.stopNow.aborted).toBe(true);
});

describe('signals', () => {
  test('each Ctrl-C and each kill is a request', () => {
    const { count } = asked({});
    receive('SIGINT');
    receive('SIGTERM');
    expect(count()).toBe(2);
  });

  test('none of them counts once the run has ended', () => {
    const before = process.listenerCount('SIGINT');
    const { end } = asked({});
    end();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  test('under npm, which passes Ctrl-C on, one press counts once and two count twice', () => {
    let now = 0;
    const { count } = asked({ npm_lifecycle_event: 'quickstart' }, { now: () => now });
    receive('SIGINT');
    now = 20;
    receive('SIGINT');
    expect(count()).toBe(1);
    now = 900;
    receive('SIGINT');
    now = 910;
    receive('SIGINT');
    expect(count()).toBe(2);
  });

  test('that come to a run and to the process that follows it count once, whichever is first', () => {
    let count = 0;
    const [own, passedOn] = onceOfTwoWays(() => void count++);
    for (const [press, presses] of [
      [own, 1],
      [passedOn, 1],
      [passedOn, 2],
      [own, 2],
      [own, 3],
    ] as const) {
      press();
      expect(count).toBe(presses);
    }
  });

  describe('a hang-up', () => {
    /** Runs with or without a terminal. */
    function withTerminal(isTTY: boolean) {
      const streams = [process.stdin, process.stdout, process.stderr];
      const before = streams.map(stream => stream.isTTY);
      for (const stream of streams) stream.isTTY = isTTY;
      onTestFinished(() => {
        for (const [index, stream] of streams.entries()) stream.isTTY = before[index] === true;
      });
    }

    test('counts once for a run with a terminal, however often it comes', () => {
      withTerminal(true);
      const { count } = asked({});
      receive('SIGHUP');
      receive('SIGHUP');
      expect(count()).toBe(1);
    });

    test('does not end a run that was started with nohup', () => {
      withTerminal(false);
      const { count } = asked({});
      receive('SIGHUP');
      expect(count()).toBe(0);
    });
  });
});
