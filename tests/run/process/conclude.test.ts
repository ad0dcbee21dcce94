import { expect, test } from 'vitest';
import { concludeRun } from '../../../src/run/process/conclude.ts';

test.each([0, 1, 2])(
  'a signal before a run listens ends it with nothing written (told %i times)',
  async stops => {
    const end = { pid: 1, exitCode: null, signal: 'SIGINT', stops, isClosed: false } as const;
    const { exitCode, failure } = await concludeRun(end, '/');
    expect([exitCode, failure?.message]).toEqual([
      130,
      'interrupted before anything ran: nothing was written',
    ]);
  },
);
