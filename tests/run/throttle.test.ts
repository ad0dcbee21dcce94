import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/run/events.ts';
import { throttleProgress } from '../../src/run/throttle.ts';

test('progress is passed on ten times a second, the last of a stage before its end, and all else at once', () => {
  let now = 0;
  const seen: string[] = [];
  const observe = throttleProgress(
    event => void seen.push(event.type === 'progress' ? String(event.done) : event.type),
    () => now,
  );
  const progress = (done: number): RunEvent => ({
    type: 'progress',
    stage: 'train',
    done,
    unit: 'iterations',
  });
  const ended: RunEvent = {
    type: 'stage-ended',
    stage: 'train',
    status: 'ran',
    decision: 'run',
    reason: null,
    report: null,
    ms: 1,
  };
  for (let done = 1; done <= 25; done++) {
    observe(progress(done));
    if (done === 7) observe({ type: 'metric', stage: 'train', step: 7, values: {} });
    now += 10;
  }
  observe(ended);
  observe(progress(1));
  expect(seen).toEqual(['1', 'metric', '11', '21', '25', 'stage-ended', '1']);
});
