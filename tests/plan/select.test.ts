import { describe, expect, it } from 'vitest';
import { selectStages, type Range } from '../../src/plan/select.ts';
import { planOf, validPlan } from './rig.ts';

const plan = validPlan(planOf({ id: 'load' }, { id: 'train' }, { id: 'sample' }, { id: 'gif' }));

const divide = (range: Range) => {
  const selection = selectStages(plan, range);
  return selection.ok
    ? [selection.before, selection.selected, selection.after].map(part => part.map(({ id }) => id).join(' '))
    : selection.problems;
};

describe('--from and --to', () => {
  it.each([
    [{}, ['', 'load train sample gif', '']],
    [{ from: 'train' }, ['load', 'train sample gif', '']],
    [{ to: 'train' }, ['', 'load train', 'sample gif']],
    [{ from: 'train', to: 'sample' }, ['load', 'train sample', 'gif']],
    [{ from: 'gif', to: 'gif' }, ['load train sample', 'gif', '']],
  ])('%j divide the plan', (range, parts) => {
    expect(divide(range)).toEqual(parts);
  });

  it('name stages of the plan', () => {
    expect(divide({ from: 'trian', to: 'gfi' })).toMatchObject([
      {
        message: '--from names an unknown stage "trian"',
        suggestion: 'train',
        expected: 'one of load, train, sample, gif',
      },
      { message: '--to names an unknown stage "gfi"' },
    ]);
  });

  it('come in the order of the plan', () => {
    expect(divide({ from: 'sample', to: 'train' })).toMatchObject([
      { code: 'wrong-range', message: '--from sample comes after --to train' },
    ]);
  });
});
