import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../../src/core/events.ts';
import { openLines } from '../../../src/run/display/display.ts';
import { progressText } from '../../../src/run/display/format.ts';
import type { LineEnd, Lines } from '../../../src/run/display/lines.ts';
import { openPlainLines } from '../../../src/run/display/plain.ts';
import { isAnimated } from '../../../src/run/display/stream.ts';
import { openTerminalLines } from '../../../src/run/display/terminal.ts';

const ESCAPE = '\u001b';

/** A stream that remembers what was written. */
function paper(isTTY: boolean) {
  const written: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100, rows: 40 });
  stream.write = ((chunk: string) => written.push(chunk) > 0) as PassThrough['write'];
  return { stream, text: () => written.join('') };
}

/** A clock that goes on when it is told to. */
function clock() {
  let now = 0;
  return { now: () => now, pass: (ms: number) => void (now += ms) };
}

/** The line of one step. */
interface Line {
  started(): void;
  progress(event: ProgressEvent): void;
  warning(text: string): void;
  notice(text: string): void;
}

interface Step {
  readonly id: string;
  readonly run: (line: Line) => Promise<LineEnd>;
}

const step = (id: string, end: LineEnd, work: (line: Line) => void = () => {}): Step => ({
  id,
  // What `work` expects in vain is a rejection.
  run: line =>
    Promise.resolve(line)
      .then(work)
      .then(() => end),
});

/** Takes the steps one after the other, and shows them. */
async function show(lines: Lines, steps: readonly Step[]): Promise<void> {
  lines.open(steps.map(({ id }) => id));
  for (const { id, run } of steps) {
    const line: Line = {
      started: () => {
        lines.started(id);
      },
      progress: event => {
        lines.progress(id, event);
      },
      warning: text => {
        lines.warning(id, text);
      },
      notice: text => {
        lines.notice(id, text);
      },
    };
    lines.ended(id, await run(line));
  }
  lines.close();
}

describe('where lines move', () => {
  test.each([
    ['a terminal', true, {}, true],
    ['a file or a pipe', false, {}, false],
    ['a terminal in CI', true, { CI: 'true' }, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal that cannot move its cursor', true, { TERM: 'dumb' }, false],
  ])('%s', (_, isTTY, env, expected) => {
    expect(isAnimated(paper(isTTY).stream, env)).toBe(expected);
  });

  test('a reader that goes away does not end the run', async () => {
    const { stream } = paper(false);
    await openLines(stream, {});
    expect(() => stream.emit('error', new Error('write EPIPE'))).not.toThrow();
  });
});

describe('plain lines', () => {
  test('one at the start and the end of each stage, with what happened', async () => {
    const { stream, text } = paper(false);
    await show(openPlainLines(stream), [
      step('data', { status: 'reused', text: 'outputs of exp-3', ms: null }),
      step('train', { status: 'ran', text: '20 epochs', ms: 250_400 }, line => {
        line.started();
        line.warning('only\n 10 images');
      }),
      step('gif', { status: 'failed', text: 'disk full', ms: 3210 }, line => {
        line.started();
      }),
      step('sample', { status: 'skipped', text: 'gif failed', ms: null }),
    ]);
    expect(text()).toBe(
      [
        'data: reused: outputs of exp-3',
        'train: started',
        'train: warning: only 10 images',
        'train: 20 epochs (4 min 10 s)',
        'gif: started',
        'gif: failed: disk full (3.2 s)',
        'sample: skipped: gif failed',
        '',
      ].join('\n'),
    );
  });

  test('progress at most every ten seconds', async () => {
    const { stream, text } = paper(false);
    const { now, pass } = clock();
    await show(openPlainLines(stream, now), [
      step('train', { status: 'ran', text: null, ms: 30_000 }, line => {
        for (let done = 1; done <= 30; done++) {
          pass(1000);
          line.progress({
            type: 'progress',
            done: done * 100,
            total: 3000,
            unit: 'iterations',
            text: 'D 0.61',
          });
        }
      }),
    ]);
    expect(text().split('\n')).toEqual([
      'train: 33% · 1,000/3,000 iterations · D 0.61',
      'train: 66% · 2,000/3,000 iterations · D 0.61',
      'train: 100% · 3,000/3,000 iterations · D 0.61',
      'train: done (30.0 s)',
      '',
    ]);
  });

  test('no control characters, whatever a stage says', async () => {
    const { stream, text } = paper(false);
    await show(openPlainLines(stream), [
      step('odd', { status: 'ran', text: `${ESCAPE}[31mred${ESCAPE}[0m\r\nand\u0007`, ms: 0 }, line => {
        line.warning(`${ESCAPE}[2Jgone`);
      }),
    ]);
    expect(text()).toBe('odd: warning: gone\nodd: red and\\u0007 (0.0 s)\n');
    expect(progressText({ type: 'progress', done: 1, unit: `x${ESCAPE}[2J\n\u202e`, text: '\u0007' })).toBe(
      '1 x \\u202e · \\u0007',
    );
  });

  test('a notice is shown line by line, as it is', async () => {
    const { stream, text } = paper(false);
    await show(openPlainLines(stream), [
      step('build', { status: 'ran', text: 'built', ms: 0 }, line => {
        line.notice(`layer   output\ndense   [B, 5]${ESCAPE}[2J\n`);
      }),
    ]);
    expect(text()).toBe('layer   output\ndense   [B, 5]\nbuild: built (0.0 s)\n');
  });

  test('progress without a total, and in bytes', async () => {
    const { stream, text } = paper(false);
    const { now, pass } = clock();
    await show(openPlainLines(stream, now), [
      step('load', { status: 'ran', text: null, ms: 0 }, line => {
        pass(10_000);
        line.progress({ type: 'progress', done: 1200, unit: 'images' });
        pass(10_000);
        line.progress({ type: 'progress', done: 120_500_000, total: 270_300_000, unit: 'bytes' });
      }),
    ]);
    expect(text()).toBe('load: 1,200 images\nload: 44% · 120.5/270.3 MB\nload: done (0.0 s)\n');
  });
});

describe('a terminal', () => {
  /** What the lines end as: what follows the last time that they were drawn. */
  const last = (text: string) => {
    const plain = text.split(`${ESCAPE}[2K`).at(-1) ?? '';
    return plain.replace(/\u001b\[[0-9;?]*[a-zA-Z]/g, '').trim();
  };

  test('shows progress while the stage blocks the event loop, but no more than ten times a second', async () => {
    const { stream, text } = paper(true);
    const { now, pass } = clock();
    await show(await openTerminalLines(stream, now), [
      step('train', { status: 'ran', text: '300 iterations', ms: 30_000 }, line => {
        for (let done = 1; done <= 300; done++) {
          pass(10);
          line.progress({ type: 'progress', done, total: 300, unit: 'iterations' });
        }
        const drawn = text().match(/\d+\/300 iterations/g) ?? [];
        expect(drawn.length).toBeGreaterThanOrEqual(29);
        expect(drawn.length).toBeLessThanOrEqual(31);
      }),
    ]);
    expect(last(text())).toBe('✔ train  300 iterations  30.0 s');
  });

  test('ends with a line per stage, and notes below', async () => {
    const { stream, text } = paper(true);
    const display = await openTerminalLines(stream);
    display.note('exp-1 · tiny');
    await show(display, [
      step('data', { status: 'reused', text: 'outputs of exp-3', ms: null }),
      step('train', { status: 'failed', text: 'loss is NaN', ms: 1000 }, line => {
        line.warning('D is strong');
        display.note('stopping');
      }),
      step('sample', { status: 'skipped', text: 'train failed', ms: null }),
    ]);
    display.note('after');
    expect(text().startsWith('exp-1 · tiny\n')).toBe(true);
    expect(last(text()).split('\n')).toEqual([
      '✔ data    reused: outputs of exp-3',
      '✖ train   failed: loss is NaN  1.0 s',
      '↓ sample  skipped: train failed',
      '⚠ train: D is strong',
      'stopping',
      'after',
    ]);
  });

  test('cuts a line at its own width, also where stdout is read by a script', async () => {
    const { stream, text } = paper(true);
    const before = process.stdout.columns;
    const long = 'word '.repeat(40);
    await show(await openTerminalLines(stream), [step('a', { status: 'ran', text: long, ms: null })]);
    expect(last(text())).toMatch(/^✔ a {2}(word ){18}.*…$/);
    expect(last(text()).length).toBeLessThanOrEqual(stream.columns);
    expect(process.stdout.columns).toBe(before);
  });

  test('follows a resize: lines that have ended are cut anew, and what was wrapped is erased', async () => {
    const { stream, text } = paper(true);
    const plain = (drawn: string) =>
      drawn
        .replace(/\u001b\[[0-9;?]*[a-zA-Z]/g, '')
        .trim()
        .split('\n');
    const words = 'word '.repeat(40);
    const resize = (columns: number) => {
      const before = text().length;
      stream.columns = columns;
      stream.emit('resize');
      return text().slice(before);
    };
    await show(await openTerminalLines(stream), [
      step('first', { status: 'ran', text: words, ms: null }),
      step('second', { status: 'ran', text: null, ms: null }, line => {
        line.progress({ type: 'progress', done: 1, total: 3, unit: 'iterations', text: words });
        const narrow = resize(60);
        // Two lines of 98 columns have become two rows each.
        expect(narrow).toContain(`${ESCAPE}[4A`);
        expect(plain(narrow)).toHaveLength(2);
        for (const row of plain(narrow)) expect(row.length).toBeLessThanOrEqual(60);
        const wide = resize(150);
        expect(wide).toContain(`${ESCAPE}[2A`);
        expect(plain(wide)[0]?.length).toBeGreaterThan(100);
      }),
    ]);
  });

  test('draws on a terminal that does not know its size yet as on one of 80 columns', async () => {
    const { stream, text } = paper(true);
    Object.assign(stream, { columns: 0, rows: 0 });
    await show(await openTerminalLines(stream), [
      step('train', { status: 'ran', text: 'word '.repeat(40), ms: null }, line => {
        line.progress({ type: 'progress', done: 1, total: 3, unit: 'iterations' });
        stream.emit('resize');
        expect(text()).toContain('train  33% · 1/3 iterations');
        stream.columns = 60;
        stream.emit('resize');
      }),
    ]);
    expect(last(text()).length).toBeLessThanOrEqual(60);
  });

  test('80 columns have room for time left and speed; a wide one shows a bar', async () => {
    const draw = async (columns: number) => {
      const { stream, text } = paper(true);
      stream.columns = columns;
      await show(await openTerminalLines(stream), [
        step('build-model', { status: 'ran', text: null, ms: null }),
        step('train', { status: 'ran', text: null, ms: null }, line => {
          const losses = '12 min left · 142 images/s · D 0.613 · G 0.702 · accuracy 65% · epoch 1/20';
          line.progress({ type: 'progress', done: 1560, total: 3750, unit: 'iterations', text: losses });
        }),
      ]);
      return /train +(.*)/.exec(text())?.[1] ?? '';
    };
    expect(await draw(80)).toMatch(/^41% · 1,560\/3,750 iterations · 12 min left · 142 images\/s/);
    expect(await draw(120)).toMatch(/^██████░░░░░░░░░░ 41% · .* · D 0.613 · G 0.702/);
  });

  test('shows the beginning of what stages say in many lines, so that their list stays on the screen', async () => {
    const { stream, text } = paper(true);
    const lines = (count: number) =>
      Array.from({ length: count }, (_, index) => `row ${index + 1}`).join('\n');
    await show(await openTerminalLines(stream), [
      step('build', { status: 'ran', text: null, ms: null }, line => {
        line.notice(lines(15));
      }),
      step('train', { status: 'ran', text: null, ms: null }, line => {
        line.notice(lines(40));
      }),
    ]);
    expect(last(text()).split('\n').slice(2)).toEqual([
      ...lines(15).split('\n'),
      'row 1',
      '… 39 more lines in the log of train',
    ]);
  });

  test('gives the cursor back', async () => {
    const { stream, text } = paper(true);
    const display = await openTerminalLines(stream);
    await show(display, [
      step('stuck', { status: 'ran', text: null, ms: 0 }, () => {
        display.close();
        expect(text().endsWith(`${ESCAPE}[?25h`)).toBe(true);
      }),
    ]);
  });
});
