import { describe, expect, test } from 'vitest';
import { isSecretVariable, redactCommand, redactUrls, secretsHider } from '../../src/core/redact.ts';

describe('a command line is recorded without', () => {
  test.each<[string, string[], string[]]>([
    ['a setting', ['--set', 'train.apiToken=x y'], ['--set', 'train.apiToken=***']],
    ['a setting in one word', ['--set=train.apiToken=x'], ['--set=train.apiToken=***']],
    ['an option’s value', ['--password', 'x', 'run'], ['--password', '***', 'run']],
    ['an option’s value behind =', ['--password=x=y'], ['--password=***']],
    ['a value that begins like an option', ['--password', '-x'], ['--password', '***']],
    ['an environment variable', ['HF_TOKEN=x', 'NAME=y'], ['HF_TOKEN=***', 'NAME=y']],
    ['a password in an address', ['https://user:p@ss@host/a'], ['https://user:***@host/a']],
    ['a token in place of a user', ['git+https://abc@host/a'], ['git+https://***@host/a']],
    ['a token before an empty password', ['https://abc:x-oauth-basic@host'], ['https://***@host']],
    [
      'a token in a query',
      ['load.source=https://host/?a=1&token=x#b'],
      ['load.source=https://host/?a=1&token=***#b'],
    ],
    [
      'a signature',
      ['https://host/?X-Amz-Signature=x&sig=y&v=1'],
      ['https://host/?X-Amz-Signature=***&sig=***&v=1'],
    ],
    ['a header', ['-H', 'Authorization: Bearer abc', 'b'], ['-H', 'Authorization: ***', 'b']],
    ['a part of a mapping', ['--set', 'load.auth={user: me, password: "a b"}'], ['--set', 'load.auth=***']],
    [
      'a part of a mapping with another name',
      ['--set', 'load.from={user: me, password: "a, b", n: 3}'],
      ['--set', 'load.from={user: me, password: ***, n: 3}'],
    ],
  ])('%s', (_, given, recorded) => {
    expect(redactCommand(given)).toEqual(recorded);
  });

  test('what is no secret', () => {
    const command = [
      'pipe', 'run', 'https://host/a?b=c', 'ssh://git@host/a', '--set', 'train.learningRate=0.0004',
      '--set', 'seed=8', '--force-stage', 'tokenize', '--set', 'load.apiToken=${env.API_TOKEN}', '--password', '--set',
    ]; // prettier-ignore
    expect(redactCommand(command)).toEqual(command);
  });

  test('taking long, whatever is in it', () => {
    const hostile = [
      'a'.repeat(1e5),
      'a.'.repeat(5e4),
      '?'.repeat(1e5),
      'a://'.repeat(2e4),
      'key="'.repeat(2e4),
    ];
    // Minutes, if it were quadratic.
    expect(redactCommand(hostile)).toHaveLength(hostile.length);
  });
});

describe('a log is written without', () => {
  const hide = secretsHider(
    {
      HF_TOKEN: 'abcdefgh',
      DB_PASSWORD: 'abcdefghijkl',
      API_KEY: 'short',
      SSH_AUTH_SOCK: '/run/agent',
      PLAIN: 'plain-value',
      UNSET_TOKEN: undefined,
    },
    value => value.startsWith('/run'),
  );

  test('what secret variables hold, the longer of two first', () => {
    expect(hide('abcdefghijkl abcdefgh abcdefg')).toBe('*** *** abcdefg');
  });

  test('but with short words, paths and everything else', () => {
    const text = 'a short walk to /run/agent with a plain-value\n';
    expect(hide(text)).toBe(text);
  });

  test('passwords of addresses', () => {
    expect(hide('cloning https://me:pw@host/x.git')).toBe('cloning https://me:***@host/x.git');
    expect(redactUrls('postgres://me:pw@host/db')).toBe('postgres://me:***@host/db');
  });
});

test('a variable is a secret by its name, or by an address with a password', () => {
  expect(isSecretVariable('HF_TOKEN', '1')).toBe(true);
  expect(isSecretVariable('DATABASE', 'postgres://me:pw@host/db')).toBe(true);
  expect(isSecretVariable('DATABASE', 'postgres://host/db')).toBe(false);
});
