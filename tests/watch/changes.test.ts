import { expect, test } from 'vitest';
import { describeChanges } from '../../src/watch/changes.ts';
import type { WatchedPipeline, WatchedStage } from '../../src/watch/pipeline.ts';

const stage = (id: string, more: Partial<WatchedStage> = {}): WatchedStage => ({
  id,
  use: id,
  code: undefined,
  parameters: {},
  inputs: {},
  isResumable: false,
  ...more,
});

const blur = stage('blur', { use: './my/blur.ts', code: { code: 'abc', packages: { sharp: '1.0.0' } } });

const original: WatchedPipeline = {
  name: 'tiny',
  seed: 7,
  warnings: [],
  stages: [
    stage('data', { parameters: { 'data.limit': 100, 'data.classes': ['cat', 'dog'] } }),
    blur,
    stage('train', {
      parameters: { 'train.learningRate': 0.0002, 'train.sample.every': 100 },
      inputs: { dataset: 'data' },
    }),
  ],
};

/** The same pipeline, in which something was edited. */
const edited = (edit: Partial<WatchedPipeline>): WatchedPipeline => ({ ...original, ...edit });

const editedStage = (id: string, edit: Partial<WatchedStage>): WatchedPipeline =>
  edited({ stages: original.stages.map(each => (each.id === id ? { ...each, ...edit } : each)) });

const changes = (after: WatchedPipeline) => describeChanges(original, after);

test('a pipeline that was loaded again is the same', () => {
  expect(changes(structuredClone(original))).toEqual([]);
});

test('name and seed', () => {
  expect(changes(edited({ name: 'other', seed: 8 }))).toEqual(['name tiny → other', 'seed 7 → 8']);
});

test('a parameter, deep or shallow, changed, added, removed', () => {
  expect(
    changes(editedStage('train', { parameters: { 'train.learningRate': 0.0004, 'train.sample.every': 50 } })),
  ).toEqual(['train.learningRate 0.0002 → 0.0004', 'train.sample.every 100 → 50']);
  expect(
    changes(editedStage('data', { parameters: { 'data.classes': ['cat'], 'data.split': 'all' } })),
  ).toEqual(['data.limit 100 → –', 'data.classes ["cat","dog"] → ["cat"]', 'data.split – → all']);
});

test('a long value is cut', () => {
  const [line] = changes(
    editedStage('data', { parameters: { 'data.limit': 100, 'data.classes': Array(50).fill('cat') } }),
  );
  expect(line).toMatch(/^data\.classes \["cat","dog"\] → \["cat",.{50,60}…$/);
});

test('stages added, removed, in another order, of another kind', () => {
  const [data, blur, train] = original.stages;
  if (!data || !blur || !train) throw new Error('three stages');
  expect(changes(edited({ stages: [data, train] }))).toEqual(['stage blur removed']);
  expect(describeChanges(edited({ stages: [data, train] }), original)).toEqual([
    'stage blur added (./my/blur.ts)',
  ]);
  expect(changes(edited({ stages: [blur, data, train] }))).toEqual([
    'stages in a different order: blur, data, train',
  ]);
  expect(changes(editedStage('data', { use: 'load-cifar' }))).toEqual(['data uses data → load-cifar']);
});

test('an explicit input', () => {
  expect(changes(editedStage('train', { inputs: { dataset: 'blur' } }))).toEqual([
    'train.inputs.dataset data → blur',
  ]);
});

test('the code of a user’s stage, and a package that it imports', () => {
  const line = ['code of ./my/blur.ts changed'];
  expect(changes(editedStage('blur', { code: { code: 'abd', packages: { sharp: '1.0.0' } } }))).toEqual(line);
  expect(changes(editedStage('blur', { code: { code: 'abc', packages: { sharp: '1.0.1' } } }))).toEqual(line);
});
