import { describe, expect, test } from 'vitest';
import {
  firstStep,
  nextStep,
  type WatchAction,
  type WatchEvent,
  type WatchState,
} from '../../src/watch/machine.ts';

/** In these stories a pipeline is a word, and two pipelines differ when the words do. */
const difference = (before: string, after: string) => (before === after ? [] : [`${before} → ${after}`]);

/** Plays events one after the other; answers the actions that each leads to, in few words. */
function play(...events: readonly WatchEvent<string>[]): readonly string[] {
  let state: WatchState<string> = firstStep<string>().state;
  const told: string[] = [];
  for (const event of events) {
    const step = nextStep(state, event, difference);
    state = step.state;
    told.push(step.actions.map(inWords).join(', ') || '–');
  }
  return told;
}

function inWords(action: WatchAction<string>): string {
  if (action.type === 'start') return `start ${action.pipeline}`;
  if (action.type === 'show-changes') return `show ${action.changes.join()}`;
  return action.type === 'exit' ? `exit ${action.exitCode}` : action.type;
}

const saved: WatchEvent<string> = { type: 'saved' };
const quiet: WatchEvent<string> = { type: 'quiet' };
const ended: WatchEvent<string> = { type: 'ended' };
const rejected: WatchEvent<string> = { type: 'rejected', failure: 'broken' };
const loaded = (pipeline: string): WatchEvent<string> => ({ type: 'loaded', pipeline });
const quit: WatchEvent<string> = { type: 'leave', exitCode: 0 };
const interrupt: WatchEvent<string> = { type: 'leave', exitCode: 130 };

test('it begins by loading the files', () => {
  expect(firstStep().actions).toEqual([{ type: 'load' }]);
});

describe('a run', () => {
  test('starts when the file is valid, and leaves the watch going when it ends', () => {
    expect(play(loaded('a'), ended)).toEqual(['start a', 'show-watching']);
  });

  test('waits for a file that is broken from the start', () => {
    expect(play(rejected, saved, quiet, loaded('a'))).toEqual(['show-failure', 'wait', 'load', 'start a']);
  });
});

describe('saves', () => {
  test('twenty quick ones are read once', () => {
    const twenty = Array.from({ length: 20 }, () => saved);
    expect(play(loaded('a'), ended, ...twenty, quiet, loaded('b'))).toEqual([
      'start a',
      'show-watching',
      ...twenty.map(() => 'wait'),
      'load',
      'show a → b, start b',
    ]);
  });

  test('one while the files are read abandons the reading, which may never end', () => {
    expect(play(loaded('a'), saved, quiet, saved, quiet, loaded('b'))).toEqual([
      'start a',
      'wait',
      'load',
      'abandon-load, wait',
      'load',
      'show a → b, stop',
    ]);
  });

  test('one that changes nothing leaves the run alone', () => {
    expect(play(loaded('a'), saved, quiet, loaded('a'), ended)).toEqual([
      'start a',
      'wait',
      'load',
      'show-unchanged',
      'show-watching',
    ]);
  });
});

describe('a change', () => {
  test('stops the run, and starts anew only when that has ended', () => {
    expect(play(loaded('a'), saved, quiet, loaded('b'), ended, ended)).toEqual([
      'start a',
      'wait',
      'load',
      'show a → b, stop',
      'start b',
      'show-watching',
    ]);
  });

  test('after another one, while the run still stops: the last one starts', () => {
    expect(play(loaded('a'), saved, quiet, loaded('b'), saved, quiet, loaded('c'), ended).slice(3)).toEqual([
      'show a → b, stop',
      'wait',
      'load',
      'show b → c',
      'start c',
    ]);
  });

  test('that is taken back while the run stops: it starts again all the same', () => {
    expect(play(loaded('a'), saved, quiet, loaded('b'), saved, quiet, loaded('a'), ended).slice(6)).toEqual([
      'show b → a',
      'start a',
    ]);
  });

  test('that breaks the file leaves the run alone', () => {
    expect(play(loaded('a'), saved, quiet, rejected, ended, saved, quiet, loaded('a')).slice(3)).toEqual([
      'show-failure',
      'show-watching',
      'wait',
      'load',
      'show-unchanged',
    ]);
  });

  test('that breaks the file while the run stops for a valid one: the valid one starts', () => {
    expect(play(loaded('a'), saved, quiet, loaded('b'), saved, quiet, rejected, ended).slice(6)).toEqual([
      'show-failure',
      'start b',
    ]);
  });
});

describe('leaving', () => {
  test('while nothing runs', () => {
    expect(play(loaded('a'), ended, quit).at(-1)).toBe('exit 0');
    expect(play(interrupt)).toEqual(['exit 130']);
  });

  test('while something runs: stops it first', () => {
    expect(play(loaded('a'), quit, ended)).toEqual(['start a', 'stop', 'exit 0']);
    expect(play(loaded('a'), interrupt, ended)).toEqual(['start a', 'stop', 'exit 130']);
  });

  test('asked twice: stops it at once', () => {
    expect(play(loaded('a'), quit, interrupt, ended)).toEqual(['start a', 'stop', 'stop-now', 'exit 0']);
  });

  test('while a run stops for a change: nothing starts any more', () => {
    expect(play(loaded('a'), saved, quiet, loaded('b'), quit, ended).slice(3)).toEqual([
      'show a → b, stop',
      '–',
      'exit 0',
    ]);
  });

  test('what is saved or read meanwhile does not matter', () => {
    expect(play(loaded('a'), saved, quiet, quit, loaded('b'), saved, ended).slice(3)).toEqual([
      'stop',
      '–',
      '–',
      'exit 0',
    ]);
  });
});
