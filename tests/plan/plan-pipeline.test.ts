import { describe, expect, it } from 'vitest';
import { deriveSeed } from '../../src/core/random.ts';
import { planPipeline } from '../../src/plan/plan-pipeline.ts';
import { bindingsOf, orderOf, pipelineOf, planOf, stageOf, validPlan, type StageSketch } from './rig.ts';

const data: StageSketch = { id: 'data', makes: { dataset: 'dataset' } };
const normalize: StageSketch = {
  id: 'normalize',
  takes: { dataset: 'dataset' },
  makes: { dataset: 'dataset' },
};
const build: StageSketch = { id: 'build', takes: { dataset: 'dataset' }, makes: { model: 'model' } };
const train: StageSketch = {
  id: 'train',
  takes: { dataset: 'dataset', model: 'model' },
  makes: { model: 'trained-model', frames: 'frames' },
};
const sample: StageSketch = { id: 'sample', takes: { model: 'trained-model?' }, makes: { images: 'images' } };

const only = (result: ReturnType<typeof planOf>) => {
  if (result.ok) throw new Error('a plan where there should be none');
  expect(result.problems).toHaveLength(1);
  return result.problems[0];
};

describe('a plan', () => {
  it('gives each input the latest earlier output of its kind', () => {
    expect(bindingsOf(planOf(data, normalize, build, train, sample))).toEqual([
      'normalize: dataset ← data.dataset',
      'build: dataset ← normalize.dataset',
      'train: dataset ← normalize.dataset',
      'train: model ← build.model',
      'sample: model ← train.model',
    ]);
  });

  it('takes what is named, by stage or by output', () => {
    const raw = { ...build, inputs: { dataset: 'data' } };
    const exact = { ...train, inputs: { dataset: 'data.dataset', model: 'build.model' } };
    expect(bindingsOf(planOf(data, normalize, raw, exact))).toEqual([
      'normalize: dataset ← data.dataset',
      'build: dataset ← data.dataset',
      'train: dataset ← data.dataset',
      'train: model ← build.model',
    ]);
  });

  it('leaves an optional input out where nothing makes one', () => {
    expect(validPlan(planOf(sample)).stages[0]?.bindings).toEqual({});
  });

  it('prefers, of several outputs of one kind, the one with the input’s name', () => {
    const two: StageSketch = { id: 'split', makes: { train: 'dataset', test: 'dataset' } };
    const judge: StageSketch = { id: 'judge', takes: { test: 'dataset', dataset: 'dataset' } };
    expect(bindingsOf(planOf(two, judge))).toEqual([
      'judge: test ← split.test',
      'judge: dataset ← split.train',
    ]);
  });

  it('runs a stage that is named before it is written first, and else keeps the order', () => {
    const early = { ...sample, inputs: { model: 'train' } };
    expect(orderOf(planOf(early, data, normalize, build, train))).toEqual([
      'data',
      'normalize',
      'build',
      'train',
      'sample',
    ]);
  });

  it('gives each stage a seed of its own, which its place does not change', () => {
    const seeds = (result: ReturnType<typeof planOf>) =>
      Object.fromEntries(validPlan(result).stages.map(({ id, stageSeed }) => [id, stageSeed]));
    const seven = seeds(planPipeline(pipelineOf([data, build, train], 7)));
    expect(seven).toEqual({
      data: deriveSeed(7, 'data'),
      build: deriveSeed(7, 'build'),
      train: deriveSeed(7, 'train'),
    });
    expect(seeds(planPipeline(pipelineOf([data, normalize, build, train], 7)))).toMatchObject(seven);
    expect(new Set(Object.values(seven)).size).toBe(3);
  });
});

describe('no plan', () => {
  it('where an input is missing; a later stage that makes it is named', () => {
    expect(only(planOf(build, data))).toMatchObject({
      code: 'missing-input',
      message: 'stage "build" needs a dataset as its input "dataset", which no stage before it makes',
      location: { line: 1, column: 1 },
      hint: 'stage "data" makes that but comes later: move it before "build"',
    });
  });

  it('where an input is missing; stages that could make it are named', () => {
    const known = [data, normalize, build].map(stageOf);
    const result = planPipeline(pipelineOf([build]), known);
    expect(only(result)?.hint).toBe('add a stage that makes it before: data or normalize');
    expect(only(planOf(build))?.hint).toBe('add a stage with an output of kind dataset before it');
  });

  it.each([
    ['dta', 'input "dataset" of stage "build" names an unknown stage "dta"', 'data'],
    [
      'data.datset',
      'input "dataset" of stage "build" names an unknown output "datset" of stage "data"',
      'data.dataset',
    ],
    [
      'train.frames',
      'input "dataset" of stage "build" needs a dataset, and "train.frames" is frames',
      undefined,
    ],
    [
      'train',
      'input "dataset" of stage "build" needs a dataset, and stage "train" makes a trained-model and frames',
      undefined,
    ],
    ['../../../etc/passwd', 'input "dataset" of stage "build" names no output of a stage', undefined],
    ['/data', 'input "dataset" of stage "build" names no output of a stage', undefined],
    ['da\u001b[2Jta.x', 'input "dataset" of stage "build" names no output of a stage', undefined],
  ])('where an input names %j', (reference, message, suggestion) => {
    const result = planOf(data, { ...train, takes: {} }, { ...build, inputs: { dataset: reference } });
    expect(only(result)).toMatchObject({ message, found: reference, location: { line: 3, column: 20 } });
    expect(only(result)?.suggestion).toBe(suggestion);
  });

  it('where stages need each other; the circle is shown', () => {
    const a: StageSketch = { id: 'a', takes: { in: 'files' }, makes: { out: 'files' }, inputs: { in: 'c' } };
    const b: StageSketch = { id: 'b', takes: { in: 'files' }, makes: { out: 'files' } };
    expect(only(planOf(data, a, b, { ...b, id: 'c' }))).toMatchObject({
      code: 'cycle',
      message: 'stages need each other in a circle: a → c → b → a',
      location: { line: 2, column: 20 },
    });
    expect(only(planOf({ ...a, inputs: { in: 'a' } }))?.message).toContain('a → a');
  });

  it('and every mistake at once', () => {
    const result = planOf({ ...build, inputs: { dataset: 'nope' } }, train);
    expect(result.ok ? [] : result.problems.map(({ code, location }) => [location?.line, code])).toEqual([
      [1, 'unknown-stage-id'],
      [2, 'missing-input'],
    ]);
  });
});
