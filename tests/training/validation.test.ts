import { describe, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { Validation, type ValidationOptions } from '../../src/training/validation.ts';
import type { WatchMemory } from '../../src/training/task.ts';
import { seedWords, testSeed } from '../rig/seed.ts';

type Settings = Partial<Omit<ValidationOptions, 'measure'>> & {
  readonly patience?: number;
  readonly minDelta?: number;
};

/** A validation of an epoch of ten iterations, by the values of the metric at each measured iteration. */
function validationOf(
  values: (iteration: number) => number,
  { patience, minDelta = 0, ...more }: Settings = {},
) {
  const loaded: number[] = [];
  const validation = new Validation({
    every: 10,
    until: 1000,
    monitor: { metric: 'val_loss', direction: 'min' },
    earlyStopping: patience === undefined ? undefined : { patience, minDelta },
    measure: state => Promise.resolve({ numbers: { val_loss: values(state['at']?.[0] as number) } }),
    load: iteration => {
      loaded.push(iteration);
      return Promise.resolve({ at: Float32Array.of(iteration) });
    },
    ...more,
  });
  const at = async (iteration: number) =>
    (await validation.measure({ at: Float32Array.of(iteration) }, iteration)).numbers;
  return { validation, at, loaded };
}

/** Values of consecutive epochs. */
const epochs =
  (...values: readonly number[]) =>
  (iteration: number) =>
    values[iteration / 10 - 1] as number;

/** Measures epoch by epoch until training would end; returns the last iteration and the best. */
async function ran(values: readonly number[], settings: Settings = {}) {
  const { validation, at } = validationOf(epochs(...values), settings);
  for (let iteration = 10; iteration <= 10 * values.length; iteration += 10) {
    await at(iteration);
    if (validation.end() !== undefined) return { ended: iteration, best: validation.best() };
  }
  return { ended: undefined, best: validation.best() };
}

describe('the best state and the end of training, as of Keras', () => {
  test.each<[string, readonly number[], Settings, { ended: number | undefined; best: number }]>([
    ['the lowest of a loss', [3, 1, 2], {}, { ended: undefined, best: 20 }],
    ['the first of equal ones', [3, 1, 1, 1], {}, { ended: undefined, best: 20 }],
    ['no end without patience', [1, 2, 3, 4, 5, 6], {}, { ended: undefined, best: 10 }],
    ['patience 1 ends at the first that is no better', [3, 2, 2], { patience: 1 }, { ended: 30, best: 20 }],
    ['patience counts since the improvement', [3, 4, 2, 4, 5], { patience: 2 }, { ended: 50, best: 30 }],
    ['never in the first epoch', [3], { patience: 1 }, { ended: undefined, best: 10 }],
    [
      'a change of exactly minDelta is none',
      [4, 3.5, 3],
      { patience: 2, minDelta: 0.5 },
      { ended: undefined, best: 30 },
    ],
    [
      'small ones add up against the reference',
      [4, 3.7, 3.4, 3.1],
      { patience: 2, minDelta: 0.5 },
      { ended: undefined, best: 40 },
    ],
    [
      'smaller than minDelta, and yet the best weights',
      [4, 3.9, 3.8],
      { patience: 2, minDelta: 0.5 },
      { ended: 30, best: 30 },
    ],
    [
      'the highest of an accuracy',
      [0.1, 0.3, 0.2],
      { monitor: { metric: 'val_loss', direction: 'max' }, patience: 1 },
      { ended: 30, best: 20 },
    ],
    ['negative values', [-1, -2, -1.5], { patience: 1 }, { ended: 30, best: 20 }],
  ])('%s', async (_, values, settings, expected) => {
    expect(await ran(values, settings)).toEqual(expected);
  });

  test(`are those of Keras's code, for random values (${seedWords})`, async () => {
    const random = new Random(testSeed);
    for (let round = 0; round < 200; round++) {
      const direction = random.integer(0, 1) === 0 ? 'min' : 'max';
      const [patience, minDelta] = [random.integer(1, 4), random.integer(0, 2) / 4];
      const values = Array.from({ length: 12 }, () => random.integer(0, 8) / 4);
      const found = await ran(values, { patience, minDelta, monitor: { metric: 'val_loss', direction } });
      expect(found.ended, JSON.stringify({ direction, patience, minDelta, values })).toBe(
        kerasEnd(values, { direction, patience, minDelta }),
      );
    }
  });

  test('the words on it', async () => {
    const { validation, at } = validationOf(epochs(1, 2), { patience: 1 });
    await at(10);
    await at(20);
    expect(validation.end()).toBe('stopped early: val_loss did not improve for 1 validation');
  });
});

/** `EarlyStopping.on_epoch_end` of Keras 3, line by line; the last iteration, or undefined. */
function kerasEnd(
  values: readonly number[],
  { direction, patience, minDelta }: { direction: 'min' | 'max'; patience: number; minDelta: number },
): number | undefined {
  const isMin = direction === 'min';
  const signed = isMin ? -minDelta : minDelta;
  let best = isMin ? Infinity : -Infinity;
  let wait = 0;
  for (const [epoch, current] of values.entries()) {
    wait += 1;
    if (isMin ? current - signed < best : current - signed > best) {
      best = current;
      wait = 0;
      continue;
    }
    if (wait >= patience && epoch > 0) return 10 * (epoch + 1);
  }
  return undefined;
}

describe('memory', () => {
  const values = (iteration: number) => Math.abs(iteration - 40) / 10;
  const copied = (memory: WatchMemory) => JSON.parse(JSON.stringify(memory)) as WatchMemory;

  test('goes on at each validation as if nothing had been', async () => {
    const settings = { patience: 3 };
    const whole = validationOf(values, settings);
    for (let iteration = 10; iteration <= 70; iteration += 10) {
      await whole.at(iteration);
      const resumed = validationOf(values, settings);
      resumed.validation.recall(copied(whole.validation.memory()));
      expect(resumed.validation.memory()).toEqual(whole.validation.memory());
      expect(resumed.validation.end()).toBe(whole.validation.end());
      expect(resumed.validation.best()).toBe(Math.min(iteration, 40));
    }
    expect(whole.validation.best()).toBe(40);
  });

  test('the last iteration between two validations counts for this training and for no longer one', async () => {
    const falling = (iteration: number) => ({ 10: 5, 20: 4, 25: 1, 30: 4.5 })[iteration] as number;
    const short = validationOf(falling, { until: 25 });
    for (const iteration of [10, 20, 25]) await short.at(iteration);
    expect(short.validation.best()).toBe(25);
    const memory = copied(short.validation.memory());
    // A longer training may come back to the one before.
    expect(short.validation.needs(memory)).toEqual([20, 25]);

    const same = validationOf(falling, { until: 25 }).validation;
    expect(same.isUsable(25, memory)).toBe(true);
    same.recall(memory);
    expect(same.best()).toBe(25);
    expect(same.hasForeignPoint(memory)).toBe(false);

    const longer = validationOf(falling, { until: 30 });
    expect(longer.validation.hasForeignPoint(memory)).toBe(true);
    longer.validation.recall(memory);
    expect(longer.validation.best()).toBe(20);
    await longer.at(30);
    expect(longer.validation.best()).toBe(20);
    // Stopped and resumed again, the point of iteration 25 is there still.
    expect(longer.validation.hasForeignPoint(copied(longer.validation.memory()))).toBe(true);
  });

  test('a state in the middle of a longer training cannot be the last of a shorter one, where that is measured more', async () => {
    const long = validationOf(values);
    await long.at(10);
    await long.at(20);
    const memory = copied(long.validation.memory());
    const conclude = () => Promise.resolve({ test_loss: 1 });
    expect(validationOf(values, { until: 20 }).validation.isUsable(20, memory)).toBe(true);
    expect(validationOf(values, { until: 20, conclude }).validation.isUsable(20, memory)).toBe(false);
    expect(validationOf(values, { until: 25 }).validation.isUsable(25, memory)).toBe(false);
    expect(validationOf(values, { until: 25 }).validation.isUsable(20, memory)).toBe(true);
  });

  test('training that stopped early is over for a longer one as well, with its test part measured', async () => {
    const conclude = () => Promise.resolve({ test_loss: 1 });
    const rising = (iteration: number) => iteration;
    const stopped = validationOf(rising, { patience: 1, conclude });
    await stopped.at(10);
    expect(await stopped.at(20)).toEqual({ val_loss: 20, test_loss: 1 });
    expect(stopped.loaded).toEqual([10]);
    const memory = copied(stopped.validation.memory());
    const longer = validationOf(rising, { patience: 1, conclude, until: 5000 }).validation;
    expect(longer.hasForeignPoint(memory)).toBe(false);
    longer.recall(memory);
    expect(longer.end()).toContain('stopped early');
    expect(longer.best()).toBe(10);
    expect(longer.memory()).toEqual(memory);
  });

  test('of a training that had no validation is empty', () => {
    const { validation } = validationOf(values);
    validation.recall({});
    expect(validation.best()).toBeUndefined();
    expect(validation.needs({})).toEqual([]);
    expect(validation.hasForeignPoint({})).toBe(false);
  });
});

test('without a validation part the last iteration is measured with the test part alone', async () => {
  const conclude = () => Promise.resolve({ test_loss: 1 });
  const { validation, at } = validationOf(() => expect.fail('there is nothing to measure'), {
    every: undefined,
    until: 7,
    conclude,
  });
  expect([1, 6, 7].map(iteration => validation.isDue(iteration))).toEqual([false, false, true]);
  expect(await at(7)).toEqual({ test_loss: 1 });
  expect(validation.best()).toBeUndefined();
});
