import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/query/evaluate.ts';
import { namesIn, unknownNames } from '../../src/query/names.ts';
import { parseExpression } from '../../src/query/parse.ts';

const values: Readonly<Record<string, unknown>> = {
  'train.learningRate': 0.0002,
  'train.epochs': 20,
  'train.fakes': 'shared',
  'train.savedModel': false,
  'load-cifar.limit': null,
  'train.betas': [0.5, 0.999],
  'build-model.filters': [64, 128],
  pipeline: 'cgan',
  status: 'finished',
  created: '2026-11-28 02:21:51',
  tags: ['best', 'slides-3'],
  kid: 0.04,
  diverged: NaN,
  'top 1/val': 0.9,
};

const parsed = (text: string) => {
  const expression = parseExpression(text);
  if ('message' in expression) throw new Error(JSON.stringify(expression));
  return expression;
};

const value = (text: string) => evaluate(parsed(text), name => values[name]);

/** The text with the marked part in brackets, and what is said of it. */
function mistake(text: string): readonly (string | undefined)[] {
  const problem = parseExpression(text);
  if (!('message' in problem)) throw new Error('no mistake');
  const { start, end, message, suggestion, expected } = problem;
  const marked = `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`;
  return [marked, message, suggestion ?? expected];
}

describe('a condition', () => {
  it.each([
    ['train.learningRate<0.001 and status=finished', true],
    ['train.learningRate<0.0002', false],
    ['train.learningRate<=2e-4', true],
    ['train.learningRate >= .0002 and train.learningRate > 1e-5', true],
    ['status = failed or status = finished', true],
    ['status = failed or status = finished and kid > 1', false],
    ['(status = finished or status = failed) and kid > 1', false],
    ['not status = failed', true],
    ['not (status = finished) or not not kid = 0.04', true],
    ['status != finished', false],
    ["pipeline ~ 'ga'", true],
    ['pipeline ~ ga and not pipeline ~ dc', true],
    ['status = "finished"', true],
    ['train.savedModel = false', true],
    ['train.savedModel', false],
    ['not train.savedModel', true],
    ['true', true],
    ['created >= 2026-11-28 and created < 2026-12', true],
    ['`top 1/val` > 0.5', true],
  ])('%s is %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it.each([
    ['train.epochs * 2 + 1 = 41', true],
    ['train.epochs + 2 * 3 = 26', true],
    ['(train.epochs + 2) * 3 = 66', true],
    ['train.epochs - 5 - 5 = 10', true],
    ['train.epochs / 2 / 5 = 2', true],
    ['-train.epochs = -20', true],
    ['train.epochs -1 = 19', true],
    ['train.epochs*2-1=39', true],
    ['- (kid - 1) > 0.9', true],
    ['train.epochs * kid <= 0.8', true],
    ['train.epochs / 0 = Infinity', true],
  ])('calculates: %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it('takes a minus between letters and digits for a part of the name', () => {
    expect(namesIn(parsed('load-cifar.limit = null and build-model.a-1 < 3'))).toMatchObject([
      { name: 'load-cifar.limit' },
      { name: 'build-model.a-1' },
    ]);
  });

  it.each([
    ['nothing < 1', false],
    ['nothing > 1', false],
    ['nothing = 1', false],
    ['nothing != 1', true],
    ['nothing = null', true],
    ['load-cifar.limit = null', true],
    ['status != null', true],
    ['nothing + 1 < 5', false],
    ['-nothing < 5', false],
    ['status + 1 < 5', false],
    ['nothing ~ a', false],
    ['nothing', undefined],
    ['status < 5', false],
    ['diverged < 1 or diverged >= 1', false],
    ['diverged = NaN', true],
  ])('has a clear answer where a value is missing or of another type: %s is %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it.each([
    ['tags = best', true],
    ['tags = bes', false],
    ['tags ~ bes', true],
    ['tags != best', false],
    ['tags = slides-3', true],
    ['train.betas = 0.999', true],
    ["build-model.filters = '[64,128]'", true],
    ['train.betas ~ 0.99', true],
  ])('compares lists: %s is %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it('compares a name with a name, and takes a word that nothing is called for a text', () => {
    const lookup = (name: string) => ({ a: 'x', b: 'x', c: 1, d: 2 })[name];
    expect(evaluate(parsed('a = b'), lookup)).toBe(true);
    expect(evaluate(parsed('a = x'), lookup)).toBe(true);
    expect(evaluate(parsed('c < d'), lookup)).toBe(true);
    expect(evaluate(parsed('c = d'), lookup)).toBe(false);
  });
});

describe('names of a condition', () => {
  it('have their places, and tell whether they may be texts', () => {
    expect(namesIn(parsed('not kid < a.b and -x = best'))).toEqual([
      { name: 'kid', mayBeText: false, start: 4, end: 7 },
      { name: 'a.b', mayBeText: false, start: 10, end: 13 },
      { name: 'x', mayBeText: false, start: 19, end: 20 },
      { name: 'best', mayBeText: true, start: 23, end: 27 },
    ]);
    expect(namesIn(parsed('a = `best`'))[1]).toMatchObject({ mayBeText: false });
    expect(namesIn(parsed('a < best'))[1]).toMatchObject({ mayBeText: false });
    expect(namesIn(parsed("a ~ 'best' or a = 2x2"))).toHaveLength(2);
  });

  it('are told from unknown ones, with what was meant', () => {
    const known = new Set(['train.learningRate', 'status']);
    const problems = unknownNames(parsed('train.learningrat<1 and status=done or xyz'), known, 'a parameter');
    expect(problems).toEqual([
      {
        message: '"train.learningrat" is not the name of a parameter',
        start: 0,
        end: 17,
        suggestion: 'train.learningRate',
      },
      { message: '"xyz" is not the name of a parameter', start: 39, end: 42 },
    ]);
  });
});

const OPERAND = 'a name, a number or a text';
const OPERATORS = 'and, or, or an operator: = != < <= > >= ~ + - * /';
const COMPARISON = 'a comparison, such as train.epochs >= 20';

describe('a mistake', () => {
  it.each([
    ['', '[]', 'it ends too early', OPERAND],
    ['  ', '  []', 'it ends too early', OPERAND],
    ['kid <', 'kid <[]', 'it ends too early', OPERAND],
    ['kid < 1 and', 'kid < 1 and[]', 'it ends too early', OPERAND],
    ['kid < and', 'kid < [and]', '"and" does not fit here', OPERAND],
    ['kid < 1 2', 'kid < 1 [2]', '2 does not fit here', OPERATORS],
    ['kid < 1 AND a = b', 'kid < 1 [AND] a = b', '"AND" does not fit here', 'and'],
    ['kid in 1', 'kid [in] 1', '"in" does not fit here', OPERATORS],
    ['a == b', 'a [==] b', '"==" is no operator', '='],
    ['a && b', 'a [&&] b', '"&&" is no operator', 'and'],
    ['!a', '[!]a', '"!" is no operator', 'not'],
    ['a ≤ 2', 'a [≤] 2', '"≤" is no operator', '<='],
    ['a =< 2', 'a [=<] 2', '"=<" is no operator', '<='],
    ['a < b < c', 'a < b [<] c', 'two comparisons in a row', 'one comparison each, joined by "and"'],
    ["a = 'b", "a = ['b]", 'the quote is not closed', "a second '"],
    ['(a = 1', '[(]a = 1', 'the parenthesis is not closed', 'a ")"'],
    ['a = 1)', 'a = 1[)]', '")" does not fit here', 'a "(" before it'],
    ['(a b)', '(a [b])', '"b" does not fit here', OPERATORS],
    ['train.epochs * 2', '[train.epochs * 2]', 'this is neither true nor false', COMPARISON],
    ['status = x and 3', 'status = x and [3]', 'this is neither true nor false', COMPARISON],
    ["not 'a'", "not ['a']", 'this is neither true nor false', COMPARISON],
    [
      '(a = b) + 1 < 2',
      '[(a = b)] + 1 < 2',
      'this is true or false, and no value to compare or to calculate with',
      OPERAND,
    ],
  ])('%s', (text, ...expected) => {
    expect(mistake(text)).toEqual(expected);
  });

  it('says what may be written for a sign that is none', () => {
    expect(mistake('a = 🙂')).toEqual([
      'a = [🙂]',
      '"🙂" is no operator',
      'a name, a number, a text in quotes, or one of = != < <= > >= ~ + - * / ( ) and or not',
    ]);
  });

  it('is also what is too long or too deep, however it nests', () => {
    const deep = (text: string) => mistake(text)[1];
    expect(deep('a'.repeat(2001))).toBe('it is longer than 2000 characters');
    for (const nested of ['('.repeat(2000), 'not '.repeat(500), '-'.repeat(2000)])
      expect(deep(nested)).toBe('it has more than 100 levels');
    expect(value(Array.from({ length: 180 }, () => 'kid<1').join(' and '))).toBe(true);
    expect(value(`${'1+'.repeat(900)}1=901`)).toBe(true);
  });
});
