import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import { GanWatch } from '../../../src/training/gan/watch.ts';

const watching = (options: Partial<ConstructorParameters<typeof GanWatch>[0]> = {}) => {
  const warnings: string[] = [];
  const watch = new GanWatch({
    every: 5,
    until: 5000,
    againstWinning: 'Lower its rate.',
    againstCollapse: 'Train slower.',
    warn: text => void warnings.push(text),
    ...options,
  });
  return { watch, warnings };
};

/** Iterations of one accuracy, after those before. */
function judging(watch: GanWatch, from: number, to: number, accuracy: (iteration: number) => number): void {
  for (let iteration = from; iteration <= to; iteration++)
    watch.iteration(iteration, {
      d_accuracy: accuracy(iteration),
      d_loss: 1,
      d_loss_real: 1,
      d_loss_fake: 1,
      g_loss: 1,
    });
}

const won =
  'the discriminator judges 99% of all images right, for 1,000 iterations up to iteration 1389: the generator learns little from it. Lower its rate.';

describe('a discriminator that wins', () => {
  test('for a thousand iterations is told once, and in the end if it lasts', () => {
    const { watch, warnings } = watching();
    judging(watch, 1, 1388, () => 1);
    expect(warnings).toEqual([]);
    judging(watch, 1389, 5000, () => 1);
    expect(warnings).toEqual([won]);
    expect(watch.conclusion()).toBe('the discriminator wins since iteration 390');
  });

  test('wins as well with a wrong judgement now and then, and not with two in a hundred', () => {
    const { watch, warnings } = watching();
    judging(watch, 1, 5000, iteration => (iteration % 10 === 0 ? 31 / 32 : 1));
    expect(warnings).toHaveLength(1);
    const other = watching();
    judging(other.watch, 1, 5000, () => 0.98);
    expect(other.warnings).toEqual([]);
  });

  test('and loses again is not in the conclusion, nor told twice', () => {
    const { watch, warnings } = watching({ until: 3000 });
    judging(watch, 1, 2000, () => 1);
    judging(watch, 2001, 2400, () => 0.5);
    judging(watch, 2401, 3000, () => 1);
    expect(watch.conclusion()).toBeUndefined();
    judging(watch, 3001, 5000, () => 1);
    expect(warnings).toEqual([won]);
  });

  test('is told the same after a resume, from what a checkpoint remembers', () => {
    const first = watching();
    judging(first.watch, 1, 900, () => 1);
    const { watch, warnings } = watching();
    watch.recall(JSON.parse(JSON.stringify(first.watch.memory())) as Record<string, number>);
    judging(watch, 901, 1500, () => 1);
    expect(warnings).toEqual([won]);
    const third = watching();
    third.watch.recall(watch.memory());
    judging(third.watch, 1501, 3000, () => 1);
    expect(third.warnings).toEqual([]);
    expect(third.watch.conclusion()).toBe('the discriminator wins since iteration 390');
  });

  test('is what a critic is there for: without advice nothing is said', () => {
    const { watch, warnings } = watching({ againstWinning: undefined });
    judging(watch, 1, 5000, () => 1);
    expect(warnings).toEqual([]);
    expect(watch.conclusion()).toBeUndefined();
  });
});

describe('pictures that are all the same', () => {
  const said = (iteration: number) =>
    `at iteration ${iteration} the generator draws the same image whatever its noise: training ends if it still does at the next pictures`;

  const failureOf = (action: () => void): Failure => {
    try {
      action();
    } catch (error) {
      return error as Failure;
    }
    throw new Error('no failure');
  };

  test('are told at first, and end training the second time in a row', () => {
    const { watch, warnings } = watching();
    watch.pictures(5, true);
    watch.pictures(10, false);
    watch.pictures(15, true);
    expect(warnings).toEqual([said(5), said(15)]);
    const failure = failureOf(() => watch.pictures(20, true));
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      code: 'training-collapsed',
      message:
        'Training collapsed: at iterations 15 and 20 the generator draws the same image whatever its noise.',
      hint: 'Train slower.',
    });
  });

  test('of the untrained state and of a stop do not count', () => {
    const { watch, warnings } = watching();
    watch.pictures(0, true);
    watch.pictures(5, true);
    watch.pictures(7, true);
    watch.pictures(8, false);
    expect(warnings).toEqual([said(5)]);
    const resumed = watching();
    resumed.watch.recall(watch.memory());
    expect(failureOf(() => resumed.watch.pictures(10, true)).message).toContain('at iterations 5 and 10');
  });

  test('count at the end, where longer training would look at them again', () => {
    const { watch, warnings } = watching({ until: 12 });
    watch.pictures(10, false);
    watch.pictures(12, true);
    expect(warnings).toEqual([
      'at iteration 12, the last, the generator draws the same image whatever its noise',
    ]);
    const longer = watching();
    longer.watch.recall(watch.memory());
    longer.watch.pictures(15, true);
    expect(longer.warnings).toEqual([said(15)]);
    expect(
      failureOf(() => {
        const { watch } = watching({ until: 12 });
        watch.pictures(10, true);
        watch.pictures(12, true);
      }).message,
    ).toContain('at iterations 10 and 12');
  });
});
