import { expect, test } from 'vitest';
import { Failure, Interrupted } from '../../src/core/failure.ts';
import { failureDetail } from '../../src/run/failure-detail.ts';

test('a failure, with its problems at their places', () => {
  const location = { file: 'p.yaml', line: 2, column: 3, length: 4, text: '- use: x' };
  const problems = [{ code: 'unknown-stage', message: 'unknown stage "x"', location }];
  const failure = new Failure({ code: 'invalid', message: 'wrong', details: ['a line'], problems });
  expect(failureDetail(failure)).toEqual({
    code: 'invalid',
    message: 'wrong',
    details: ['a line'],
    hint: null,
    problems,
  });
});

test('an interruption', () => {
  expect(failureDetail(new Interrupted('stopped'))).toMatchObject({
    code: 'interrupted',
    message: 'stopped',
  });
});

test('anything else is a bug, whose stack is told', () => {
  const { code, message, details, hint } = failureDetail(new TypeError('no function'));
  expect([code, message, hint]).toEqual(['bug', 'no function', 'this is a bug in pipe: please report it']);
  expect(details.join('\n')).toContain('failure-detail.test.ts');
  expect(failureDetail('thrown text')).toMatchObject({ code: 'bug', message: 'thrown text' });
});
