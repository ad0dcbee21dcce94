import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { checkedSchema } from '../../../src/config/param-schema.ts';
import { check } from '../../../src/config/validator.ts';
import { describeSchema } from '../../../src/core/describe-schema.ts';
import {
  classWeightProblems,
  classWeightsOf,
  classWeightsParam,
  type ClassWeights,
} from '../../../src/training/classifier/class-weights.ts';
import { readFixture } from './fixtures.ts';

const classes = ['cat', 'dog', 'ship'];

describe('the parameter', () => {
  const params = Type.Object({ epochs: Type.Integer({ default: 1 }), classWeights: classWeightsParam });

  /** The places and the kinds of mistakes. */
  const mistakes = (classWeights: unknown) => {
    const value = { classWeights };
    return check(checkedSchema(params, value), value).map(
      ({ instancePath, keyword }) => `${instancePath} ${keyword}`,
    );
  };

  test.each(['balanced', [1, 0, 2.5], { cat: 2 }, undefined].map(value => ({ value })))(
    'can be $value',
    ({ value }) => {
      expect(mistakes(value)).toEqual([]);
    },
  );

  test('is no other word, and no weight is negative', () => {
    expect(mistakes('even')).toEqual(['/classWeights const']);
    expect(mistakes([1, -1])).toContain('/classWeights/1 minimum');
    expect(mistakes({ cat: -1 })).toContain('/classWeights/cat minimum');
  });

  test('is described in a line', () => {
    expect(describeSchema(classWeightsParam)).toBe(
      'balanced, or list of number ≥ 0, at least 1, or mapping of names to number ≥ 0',
    );
  });
});

describe('before anything runs', () => {
  const told = (given: ClassWeights | undefined, outline: Parameters<typeof classWeightProblems>[1]) =>
    classWeightProblems(given, outline).map(({ path, message, suggestion, hint }) => [
      path.join('.'),
      message,
      suggestion ?? hint,
    ]);

  test.each([undefined, 'balanced', [1, 0, 2], { ship: 0 }] as const)('%j fits three classes', given => {
    expect(told(given, { classes })).toEqual([]);
    expect(told(given, {})).toEqual([]);
  });

  test('a list of another length is refused', () => {
    expect(told([1, 2], { classes })).toEqual([
      [
        'classWeights',
        'classWeights has 2 numbers, and there are 3 classes',
        'give one for each of cat, dog, ship, or name some: { cat: 2 }',
      ],
    ]);
  });

  test('a name that is no class is refused at its place', () => {
    expect(told({ cat: 1, shop: 2 }, { classes })).toEqual([
      ['classWeights.shop', 'there is no class "shop"', 'ship'],
    ]);
  });

  test('weights of which nothing is learned are refused', () => {
    const said = [
      ['classWeights', 'every class has the weight 0', 'give at least one class a weight above 0'],
    ];
    expect(told([0, 0, 0], {})).toEqual(said);
    expect(told({ cat: 0, dog: 0, ship: 0 }, { classes })).toEqual(said);
  });

  test('numbers to predict have no classes to weigh', () => {
    expect(told('balanced', { targetNames: ['price'] })).toEqual([
      [
        'classWeights',
        'classWeights weigh classes, and the examples have numbers to predict: price',
        'leave out classWeights',
      ],
    ]);
  });
});

describe('the weights', () => {
  const options = { classes, labels: Uint8Array.of(0, 1, 2, 0), id: 'fit' };

  test('balanced, are those of scikit-learn', () => {
    const { counts, balanced } = readFixture('scores/class-weights') as Record<string, readonly number[]>;
    const labels = Uint8Array.from(
      (counts ?? []).flatMap((count, label) => new Array<number>(count).fill(label)),
    );
    const weights = classWeightsOf('balanced', { ...options, classes: ['a', 'b', 'c', 'd'], labels });
    expect(weights).toHaveLength(4);
    balanced?.forEach((weight, label) => {
      expect(weights[label]).toBeCloseTo(weight, 12);
    });
  });

  test('given, are as written, in the order of the classes; a class that is not named has 1', () => {
    expect(classWeightsOf([3, 0, 2], options)).toEqual([3, 0, 2]);
    expect(classWeightsOf({ ship: 4, cat: 0.5 }, options)).toEqual([0.5, 1, 4]);
  });

  test('balanced, need examples of every class', () => {
    expect(() => classWeightsOf('balanced', { ...options, labels: Uint8Array.of(1, 1) })).toThrow(
      expect.objectContaining({
        code: 'class-without-examples',
        exitCode: 2,
        message:
          'balanced class weights need examples of every class, and there are none of cat, ship to learn from',
        hint: "take data that has some, or give the weights yourself: --set 'fit.classWeights={dog: 2}'",
      }) as Error,
    );
  });
});
