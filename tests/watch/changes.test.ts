import { expect, test } from 'vitest';
import type { ValidPipeline } from '../../src/config/pipeline.ts';
import { describeChanges } from '../../src/watch/changes.ts';
import { planOf, type TestStage } from '../run/rig.ts';

const stages: readonly TestStage[] = [
  { id: 'data', params: { limit: 100, classes: ['cat', 'dog'] } },
  { id: 'blur', use: '/work/place/my/blur.ts' },
  { id: 'train', inputs: { dataset: 'data' }, params: { learningRate: 0.0002, sample: { every: 100 } } },
];

const original = planOf(stages).pipeline;

/** The same pipeline, with the same stages behind it, in which something was edited. */
const edited = (edit: Partial<ValidPipeline>): ValidPipeline => ({ ...original, ...edit });

const editedStage = (id: string, edit: object): ValidPipeline =>
  edited({ stages: original.stages.map(stage => (stage.id === id ? { ...stage, ...edit } : stage)) });

const changes = (after: ValidPipeline) => describeChanges(original, after, '/work/place');

test('a pipeline that was loaded again is the same', () => {
  expect(changes(edited({ givenText: '# a comment', sources: ['/other'] }))).toEqual([]);
});

test('name and seed', () => {
  expect(changes(edited({ name: 'other', seed: 8 }))).toEqual(['name tiny → other', 'seed 7 → 8']);
});

test('a parameter, deep or shallow, changed, added, removed', () => {
  expect(changes(editedStage('train', { params: { learningRate: 0.0004, sample: { every: 50 } } }))).toEqual([
    'train.learningRate 0.0002 → 0.0004',
    'train.sample.every 100 → 50',
  ]);
  expect(changes(editedStage('data', { params: { classes: ['cat'], split: 'all' } }))).toEqual([
    'data.limit 100 → –',
    'data.classes ["cat","dog"] → ["cat"]',
    'data.split – → all',
  ]);
});

test('a long value is cut', () => {
  const [line] = changes(editedStage('data', { params: { limit: 100, classes: Array(50).fill('cat') } }));
  expect(line).toMatch(/^data\.classes \["cat","dog"\] → \["cat",.{50,60}…$/);
});

test('one layer of a network', () => {
  const network = (units: number) => ({ params: { layers: [{ use: 'dense', units }, { use: 'flatten' }] } });
  const before = editedStage('train', network(64));
  const after = editedStage('train', network(128));
  expect(describeChanges(before, after, '/')).toEqual(['train.layers.0.units 64 → 128']);
});

test('stages added, removed, in another order, of another kind', () => {
  const [data, blur, train] = original.stages;
  if (!data || !blur || !train) throw new Error('three stages');
  expect(changes(edited({ stages: [data, train] }))).toEqual(['stage blur removed']);
  expect(describeChanges(edited({ stages: [data, train] }), original, '/work/place')).toEqual([
    'stage blur added (./my/blur.ts)',
  ]);
  expect(changes(edited({ stages: [blur, data, train] }))).toEqual([
    'stages in another order: blur, data, train',
  ]);
  expect(changes(editedStage('data', { use: 'load-cifar' }))).toEqual(['data uses data → load-cifar']);
});

test('an explicit input', () => {
  expect(changes(editedStage('train', { inputs: { dataset: 'blur' } }))).toEqual([
    'train.inputs.dataset data → blur',
  ]);
});

test('the code of a user’s stage', () => {
  const stage = { ...original.stages[1]?.stage };
  expect(changes(editedStage('blur', { stage }))).toEqual(['code of ./my/blur.ts changed']);
});
