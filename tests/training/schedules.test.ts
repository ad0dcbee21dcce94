import { describe, expect, test } from 'vitest';
import { scheduleOf, scheduleProblems, type ScheduleSpec } from '../../src/training/schedule-param.ts';
import {
  constant,
  cosine,
  firstDifference,
  linear,
  steps,
  warmUp,
  type Schedule,
} from '../../src/training/schedules.ts';

const at = (schedule: Schedule, ...iterations: readonly number[]) => iterations.map(schedule);

describe('a schedule', () => {
  test('that is constant is the same number, to the last bit', () => {
    expect(at(constant(2e-4), 1, 1e9)).toEqual([2e-4, 2e-4]);
  });

  test('that is linear falls by the same step at each iteration, and stays at its end', () => {
    const schedule = linear({ start: 1, end: 0, until: 4 });
    expect(at(schedule, 1, 2, 3, 4, 5, 100)).toEqual([1, 0.75, 0.5, 0.25, 0, 0]);
    expect(at(linear({ start: 2, end: 1, after: 10, until: 12 }), 1, 10, 11, 12, 13)).toEqual([
      2, 2, 2, 1.5, 1,
    ]);
  });

  test('that follows a cosine is half way down half way through', () => {
    const schedule = cosine({ start: 1, end: 0.2, until: 100 });
    expect(schedule(1)).toBe(1);
    expect(schedule(51)).toBeCloseTo(0.6, 12);
    expect(schedule(26)).toBeCloseTo(0.2 + 0.8 * (0.5 + Math.SQRT2 / 4), 12);
    expect(at(schedule, 101, 1000)).toEqual([0.2, 0.2]);
  });

  test('of steps falls after each of its iterations, in whatever order they are given', () => {
    const schedule = steps({ start: 1, factor: 0.5, at: [20, 10] });
    expect(at(schedule, 1, 10, 11, 20, 21, 1000)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
  });

  test('warms up to what another one is then, and follows that one', () => {
    const schedule = warmUp(4, linear({ start: 1, end: 0, after: 4, until: 8 }));
    expect(at(schedule, 1, 2, 3, 4, 5, 6, 9)).toEqual([0.25, 0.5, 0.75, 1, 1, 0.75, 0]);
  });

  test('agrees with another one up to where they first differ', () => {
    const dropping = steps({ start: 1, factor: 0.1, at: [50] });
    expect(firstDifference(constant(1), dropping, 50)).toBeUndefined();
    expect(firstDifference(constant(1), dropping, 100)).toBe(51);
    expect(firstDifference(constant(1), constant(2), 100)).toBe(1);
    expect(firstDifference(constant(1), constant(2), 0)).toBeUndefined();
  });
});

describe('the schedule of a parameter', () => {
  const written = (spec: ScheduleSpec | undefined, ...iterations: readonly number[]) =>
    at(scheduleOf({ schedule: spec, learningRate: 1, iterations: 10 }), ...iterations);

  test('is constant unless it says otherwise', () => {
    expect(written(undefined, 1, 11)).toEqual([1, 1]);
    expect(written({ kind: 'constant', warmUp: 2 }, 1, 2, 3)).toEqual([0.5, 1, 1]);
  });

  test('spans all of training, or as many iterations as it says', () => {
    expect(written({ kind: 'linear' }, 1, 6, 11)).toEqual([1, 0.5, 0]);
    expect(written({ kind: 'linear', iterations: 4, endFactor: 0.5 }, 1, 3, 5, 10)).toEqual([
      1, 0.75, 0.5, 0.5,
    ]);
    expect(written({ kind: 'cosine', warmUp: 2 }, 1, 2, 3, 11)).toEqual([0.5, 1, 1, 0]);
    expect(written({ kind: 'steps', at: [4] }, 4, 5)).toEqual([1, 0.1]);
  });

  test('cannot warm up for longer than it lasts', () => {
    const [problem] = scheduleProblems({ kind: 'cosine', warmUp: 10 }, 10);
    expect(problem).toMatchObject({
      path: ['schedule', 'warmUp'],
      message: 'the learning rate rises for 10 iterations, and is to have fallen by iteration 10',
      hint: 'give warmUp fewer than 10 iterations',
    });
    expect(scheduleProblems({ kind: 'cosine', warmUp: 10 }, undefined)).toEqual([]);
    expect(scheduleProblems({ kind: 'cosine', warmUp: 10, iterations: 11 }, undefined)).toEqual([]);
    expect(scheduleProblems({ kind: 'steps', at: [4], warmUp: 5 }, 5)).toEqual([]);
  });
});
