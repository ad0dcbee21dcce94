import { describe, expect, test } from 'vitest';
import type { ModelOutline, ScoreReferenceOutline } from '../../../src/core/outline.ts';
import type { ScoringParam } from '../../../src/training/gan/scoring-param.ts';
import { scoringProblems } from '../../../src/training/gan/scoring-problems.ts';

const evaluate: ScoringParam = { every: 5000, count: 2000, keep: 'kid' };
const classes = ['cat', 'dog'];
const model: ModelOutline = { height: 32, width: 32, channels: 3, conditional: true, classes };
const reference: ScoreReferenceOutline = {
  height: 32,
  width: 32,
  channels: 3,
  classes,
  embeddingClasses: classes,
  neighbours: 5,
  hasTraining: true,
};

const said = (
  given: Partial<ScoringParam>,
  of: ModelOutline = model,
  against: ScoreReferenceOutline | undefined = reference,
) => scoringProblems({ evaluate: { ...evaluate, ...given } }, of, against);

describe('scores in training', () => {
  test('nothing is said of what fits, nor of what is not known', () => {
    expect(said({})).toEqual([]);
    expect(said({ keep: 'label_accuracy' })).toEqual([]);
    expect(said({ keep: 'copies' }, {}, {})).toEqual([]);
    expect(scoringProblems({}, model, undefined)).toEqual([]);
  });

  test('without held-out pictures', () => {
    expect(scoringProblems({ evaluate }, model, undefined)).toMatchObject([
      {
        path: ['evaluate'],
        code: 'no-reference',
        message: 'there are no held-out pictures to score against',
      },
    ]);
  });

  test('held-out pictures that nothing is scored by', () => {
    expect(scoringProblems({}, model, reference)).toMatchObject([
      { code: 'unused-reference', severity: 'warning' },
    ]);
  });

  test('fewer pictures than neighbours', () => {
    expect(said({ count: 5 })).toMatchObject([
      {
        path: ['evaluate', 'count'],
        message: 'count is 5, and scores with neighbours: 5 take at least 6 pictures',
      },
    ]);
  });

  test.each<[Partial<ScoringParam>, ModelOutline, ScoreReferenceOutline, string]>([
    [{ keep: 'class_fid' }, { ...model, conditional: false }, reference, 'the model is not conditional'],
    [
      { keep: 'label_accuracy' },
      model,
      { ...reference, embeddingClasses: ['cat', 'ship'] },
      'the classifier of score-reference knows other classes',
    ],
    [
      { keep: 'class_divergence' },
      model,
      { ...reference, embeddingClasses: [] },
      'the embedding of score-reference is no classifier of such pictures',
    ],
    [
      { keep: 'copies' },
      model,
      { ...reference, hasTraining: false },
      'score-reference has no input training',
    ],
    [{ keep: 'fid_infinity', count: 29 }, model, reference, 'it takes at least 30 pictures, and count is 29'],
    [
      { keep: 'inception_score', count: 9 },
      model,
      reference,
      'it takes at least 10 pictures, and count is 9',
    ],
  ])('a score that is not measured cannot choose: %j', (given, of, against, reason) => {
    expect(said(given, of, against)[0]).toMatchObject({
      path: ['evaluate', 'keep'],
      code: 'score-not-measured',
      message: `${given.keep} is not measured: ${reason}`,
    });
  });
});
