import { expect, test } from 'vitest';
import { planJson } from '../../src/cli/plan-json.ts';
import type { CacheEntry } from '../../src/cache/entry.ts';
import type { Caching, Decision } from '../../src/run/decide/decision.ts';
import { planOf } from '../run/rig.ts';

test('each decision on a stage says what is done, with what, and why', () => {
  const decisions: Readonly<Record<string, Decision>> = {
    load: {
      kind: 'cache-hit',
      entry: { experiment: 'exp-1' } as CacheEntry,
      data: [],
      covered: [],
      borrowed: {},
    },
    build: { kind: 'reuse', experiment: 'exp-2', outputs: {} },
    train: { kind: 'run', reason: 'train.epochs 1 → 2' },
    draw: { kind: 'keep', outputs: {} },
    tell: { kind: 'skip', reason: 'after --to train' },
  };
  const plan = planOf([...Object.keys(decisions), 'new'].map(id => ({ id })));
  const caching = {} as Caching;
  const json = planJson(plan, { decisions: new Map(Object.entries(decisions)), caching });
  const { stages, equals } = JSON.parse(json) as { stages: readonly object[]; equals: unknown };
  expect(equals).toBeNull();
  expect(stages).toMatchObject([
    { id: 'load', action: 'reuse', from: 'exp-1', reason: null },
    { id: 'build', action: 'reuse', from: 'exp-2', reason: null },
    { id: 'train', action: 'run', from: null, reason: 'train.epochs 1 → 2' },
    { id: 'draw', action: 'keep', from: null, reason: null },
    { id: 'tell', action: 'skip', from: null, reason: 'after --to train' },
    { id: 'new', action: 'run', from: null, reason: null },
  ]);
});
