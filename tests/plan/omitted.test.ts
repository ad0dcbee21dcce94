/** Outputs that a stage's parameters leave out, and inputs that come from earlier experiments. */
import { describe, expect, it } from 'vitest';
import { bindingsOf, planOf, type StageSketch } from './rig.ts';

const data: StageSketch = { id: 'data', makes: { dataset: 'dataset' } };
const split: StageSketch = {
  id: 'split',
  takes: { dataset: 'dataset' },
  makes: { dataset: 'dataset', validation: 'dataset', test: 'dataset' },
};
const withoutTest: StageSketch = {
  ...split,
  params: { validation: 0.1, test: 'none' },
  omits: [{ output: 'test', because: ['test'] }],
};
const fit: StageSketch = {
  id: 'fit',
  takes: { dataset: 'dataset', validation: 'dataset? by name', test: 'dataset? by name' },
  makes: { predictor: 'predictor' },
};
const judge: StageSketch = { id: 'judge', takes: { test: 'dataset by name' }, makes: { files: 'files' } };
const predict: StageSketch = {
  id: 'predict',
  takes: { predictor: 'predictor', dataset: 'dataset' },
  makes: { predictions: 'files' },
};
const predictFrom: StageSketch = {
  ...predict,
  params: { from: 'exp-3' },
  borrows: [{ input: 'predictor', experiment: 'exp-3', because: ['from'] }],
};

const problemsOf = (result: ReturnType<typeof planOf>) => (result.ok ? [] : result.problems);

describe('an output that is left out', () => {
  it('binds no input, and an optional one stays unbound', () => {
    expect(bindingsOf(planOf(data, withoutTest, fit))).toEqual([
      'split: dataset ← data.dataset',
      'fit: dataset ← split.dataset',
      'fit: validation ← split.validation',
    ]);
    expect(bindingsOf(planOf(data, split, fit))).toContain('fit: test ← split.test');
  });

  it('is no source where it is named', () => {
    const named = { ...fit, inputs: { test: 'split.test' } };
    expect(problemsOf(planOf(data, withoutTest, named))).toEqual([
      expect.objectContaining({
        code: 'omitted-output',
        message:
          'input "test" of stage "fit" names an output that stage "split" does not make: its test is "none"',
        location: expect.objectContaining({ line: 3, column: 20 }) as unknown,
        expected: 'one of dataset, validation',
        found: 'split.test',
        hint: 'change split.test, or take another output',
      }),
    ]);
  });

  it('is none either where its stage alone is named, instead of another part in its place', () => {
    const named = { ...fit, inputs: { test: 'split' } };
    expect(problemsOf(planOf(data, withoutTest, named))).toEqual([
      expect.objectContaining({ code: 'omitted-output', found: 'split' }),
    ]);
  });

  it('is named where an input needs it', () => {
    expect(problemsOf(planOf(data, withoutTest, judge))).toEqual([
      expect.objectContaining({
        code: 'missing-input',
        message: 'stage "judge" needs a dataset as its input "test", which no stage before it makes',
        hint: 'stage "split" makes it with another split.test: its test is "none"',
      }),
    ]);
  });

  it('makes its stage no rival of what is used', () => {
    const late: StageSketch = { id: 'late', takes: { test: 'dataset by name' }, makes: { files: 'files' } };
    const result = planOf(data, { ...split, id: 'own' }, withoutTest, {
      ...late,
      inputs: { test: 'own.test' },
    });
    expect(result.ok && result.plan.pipeline.warnings).toEqual([]);
  });
});

describe('an input that comes from an earlier experiment', () => {
  it('is neither needed in the pipeline nor bound', () => {
    expect(bindingsOf(planOf(data, predictFrom))).toEqual(['predict: dataset ← data.dataset']);
    expect(bindingsOf(planOf(data, fit, predictFrom))).toEqual([
      'fit: dataset ← data.dataset',
      'predict: dataset ← data.dataset',
    ]);
  });

  it('is needed otherwise', () => {
    expect(problemsOf(planOf(data, predict))).toEqual([
      expect.objectContaining({
        code: 'missing-input',
        message: 'stage "predict" needs a predictor as its input "predictor", which no stage before it makes',
      }),
    ]);
  });

  it('has no source in the pipeline', () => {
    const named = { ...predictFrom, inputs: { predictor: 'fit' } };
    expect(problemsOf(planOf(data, fit, named))).toEqual([
      expect.objectContaining({
        code: 'useless-input',
        message: 'input "predictor" of stage "predict" has no effect: its from is "exp-3"',
        location: expect.objectContaining({ line: 3, column: 20 }) as unknown,
        hint: 'leave one of them out',
      }),
    ]);
  });
});
