import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openJsonLines } from '../../../src/run/display/json-lines.ts';
import type { RunEvent } from '../../../src/run/events.ts';

const metric = (step: number, loss = 1): RunEvent => ({
  type: 'metric',
  stage: 'train',
  step,
  values: { loss },
});

const parsed = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as RunEvent & { readonly time: string });

test('one object a line, with its time, and numbers that JSON lacks as text', () => {
  const stream = new PassThrough();
  const observe = openJsonLines(stream, () => Date.UTC(2026, 10, 28, 4, 30));
  observe({ type: 'note', level: 'info', text: 'two\nlines' });
  observe(metric(3, -Infinity));
  expect(parsed(String(stream.read()))).toEqual([
    { time: '2026-11-28T04:30:00.000Z', type: 'note', level: 'info', text: 'two\nlines' },
    {
      time: '2026-11-28T04:30:00.000Z',
      type: 'metric',
      stage: 'train',
      step: 3,
      values: { loss: '-Infinity' },
    },
  ]);
});

test('what could move the cursor of a terminal is escaped, which means the same', () => {
  const stream = new PassThrough();
  const text = 'a\u009b2J\u202eb';
  openJsonLines(stream)({ type: 'note', level: 'info', text });
  const line = String(stream.read());
  expect(line).toContain('a\\u009b2J\\u202eb');
  expect(parsed(line)).toMatchObject([{ text }]);
});

test('a reader that lags behind misses frequent events alone, and is told how many', async () => {
  const received: Buffer[] = [];
  let isRead = false;
  let go = () => {};
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      received.push(chunk);
      if (isRead) done();
      else go = done;
    },
  });
  const observe = openJsonLines(stream);
  const text = 'x'.repeat(1000);
  for (let count = 0; count < 5000; count++) observe({ type: 'log', stage: 'train', level: 'info', text });
  expect(stream.writableLength).toBeLessThan(2 << 20);
  observe({ type: 'published', stage: 'train', path: 'a.png' });
  isRead = true;
  go();
  await new Promise<void>(resolve => stream.write('', () => resolve()));
  observe(metric(1));
  await new Promise<void>(resolve => stream.end(resolve));
  const events = parsed(Buffer.concat(received).toString());
  const logs = events.filter(({ type }) => type === 'log').length;
  expect(events.slice(logs)).toMatchObject([
    { type: 'dropped', events: 5000 - logs },
    { type: 'published', path: 'a.png' },
    { type: 'metric', step: 1 },
  ]);
});

test('a reader that is gone gets nothing more', () => {
  const stream = new PassThrough();
  const observe = openJsonLines(stream);
  stream.destroy(new Error('write EPIPE'));
  expect(() => {
    observe(metric(1));
  }).not.toThrow();
});
