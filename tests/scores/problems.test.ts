import { describe, expect, test } from 'vitest';
import type { ModelOutline, ScoreReferenceOutline } from '../../src/core/outline.ts';
import { evaluationProblems } from '../../src/scores/evaluation-problems.ts';
import type { ReferenceParams } from '../../src/scores/params.ts';
import { paramProblems, referenceProblems, type KnownInputs } from '../../src/scores/reference-problems.ts';

const PARAMS: ReferenceParams = {
  count: 10_000,
  searched: 50_000,
  neighbours: 5,
  subsets: 50,
  subsetSize: 1000,
};
const SMALL = { height: 28, width: 28, channels: 1, count: 10_000 };
const CIFAR = { height: 32, width: 32, channels: 3, count: 10_000 };

describe('parameters of score-reference', () => {
  test.each<[string, Partial<ReferenceParams>, string]>([
    [
      'a classifier and another embedding',
      { from: 'exp-3', embedding: 'inception' },
      'from names an experiment',
    ],
    ['a graph for no Inception network', { graph: 'x.pb' }, 'graph is the file of the Inception network'],
  ])('%s', (_, given, message) => {
    expect(paramProblems({ ...PARAMS, ...given })[0]?.message).toContain(message);
  });

  test('a classifier of an earlier experiment, or the Inception network with its file', () => {
    expect(paramProblems({ ...PARAMS, from: 'exp-3', embedding: 'classifier' })).toEqual([]);
    expect(paramProblems({ ...PARAMS, graph: 'x.pb', embedding: 'inception' })).toEqual([]);
  });
});

describe('inputs of score-reference', () => {
  test.each<[string, Partial<ReferenceParams>, KnownInputs, string]>([
    [
      'pictures of another size than the built-in classifier takes',
      {},
      { dataset: SMALL, training: undefined, predictor: undefined },
      'pipe’s classifier of CIFAR-10 takes pictures of 32×32×3, and these are 28×28×1',
    ],
    [
      'pictures of another size than the classifier takes',
      {},
      { dataset: CIFAR, training: undefined, predictor: { shape: [28, 28, 1], images: true } },
      'the classifier takes pictures of 28×28×1, and these are 32×32×3',
    ],
    [
      'no classifier',
      { embedding: 'classifier' },
      { dataset: CIFAR, training: undefined, predictor: undefined },
      'there is no classifier to make features',
    ],
    [
      'a predictor of numbers',
      {},
      { dataset: CIFAR, training: undefined, predictor: { targetNames: ['price'] } },
      'the predictor is no classifier of pictures',
    ],
    [
      'grey pictures for the Inception network',
      { embedding: 'inception' },
      { dataset: SMALL, training: undefined, predictor: undefined },
      'the Inception network takes pictures of ?×?×3, and these are 28×28×1',
    ],
    [
      'training pictures of another size',
      {},
      { dataset: CIFAR, training: SMALL, predictor: undefined },
      'the held-out pictures are 32×32×3, and the training pictures 28×28×1',
    ],
    [
      'numbers',
      {},
      { dataset: { shape: [4] }, training: undefined, predictor: undefined },
      'the data set is numbers of shape [4]',
    ],
    [
      'training pictures of other classes',
      {},
      {
        dataset: { ...CIFAR, classes: ['cat', 'dog'] },
        training: { ...CIFAR, classes: ['dog', 'cat'] },
        predictor: undefined,
      },
      'the held-out pictures are of cat, dog, and the training pictures of dog, cat',
    ],
    [
      'a count that no score can be made of',
      { count: 5 },
      { dataset: CIFAR, training: CIFAR, predictor: undefined },
      'count is 5, and scores with neighbours: 5 take at least 6 pictures',
    ],
    [
      'a count that leaves too few of each half',
      { count: 11 },
      { dataset: CIFAR, training: undefined, predictor: undefined },
      'count is 11, of which one half is scored against the other, and scores with neighbours: 5 take at least 12 pictures',
    ],
    [
      'too few training pictures to search',
      { searched: 3, neighbours: 1 },
      { dataset: CIFAR, training: CIFAR, predictor: undefined },
      'searched is 3, and scores with neighbours: 1 take at least 4 pictures',
    ],
    [
      'fewer held-out pictures than neighbours',
      {},
      { dataset: { ...CIFAR, count: 3 }, training: CIFAR, predictor: undefined },
      'the held-out pictures are 3, and scores with neighbours: 5 take at least 6',
    ],
    [
      'fewer training pictures than neighbours',
      {},
      { dataset: CIFAR, training: { ...CIFAR, count: 3 }, predictor: undefined },
      'the training pictures are 3, and scores with neighbours: 5 take at least 6',
    ],
    [
      'few pictures',
      {},
      { dataset: { ...CIFAR, count: 200 }, training: undefined, predictor: undefined },
      '200 pictures are compared: intervals are about 7 times as wide as those of 10,000',
    ],
  ])('%s', (_, given, inputs, message) => {
    expect(referenceProblems({ ...PARAMS, ...given }, inputs)[0]?.message).toContain(message);
  });

  test('nothing is said of what is not known', () => {
    const predictor = { shape: undefined, images: undefined };
    expect(referenceProblems(PARAMS, { dataset: {}, training: {}, predictor })).toEqual([]);
  });
});

describe('a generator and what it is scored against', () => {
  const reference: ScoreReferenceOutline = {
    ...CIFAR,
    classes: ['cat', 'dog'],
    embeddingClasses: ['cat', 'dog'],
  };
  const model: ModelOutline = {
    height: 32,
    width: 32,
    channels: 3,
    conditional: true,
    classes: ['cat', 'dog'],
  };

  test('fit', () => {
    expect(evaluationProblems(model, reference)).toEqual([]);
    expect(evaluationProblems({}, {})).toEqual([]);
  });

  test.each<[string, ModelOutline, ScoreReferenceOutline, string]>([
    [
      'another size',
      { ...model, height: 64 },
      reference,
      'the generator draws pictures of 64×32×3, and the held-out pictures are 32×32×3',
    ],
    [
      'other classes',
      { ...model, classes: ['dog', 'cat'] },
      reference,
      'the generator draws the classes dog, cat, and the held-out pictures are of cat, dog',
    ],
    [
      'classes that the classifier does not know',
      model,
      { ...reference, embeddingClasses: ['cat', 'ship'] },
      'the classifier does not know dog: label_accuracy is not measured',
    ],
  ])('%s', (_, given, held, message) => {
    expect(evaluationProblems(given, held)[0]?.message).toContain(message);
  });

  test('classes of an unconditional generator do not matter', () => {
    expect(evaluationProblems({ ...model, conditional: false, classes: ['other'] }, reference)).toEqual([]);
  });
});
