import { describe, expect, test } from 'vitest';
import { looksSecret } from '../../src/core/secrets.ts';

const names = (text: string) => text.trim().split(/\s+/);

describe('a name looks like that of a secret', () => {
  test.each([
    [
      'a token',
      'token TOKEN HF_TOKEN GITHUB_TOKEN githubToken GITHUBTOKEN access_token ACCESS_TOKENS api-token',
    ],
    ['a token, however it is written', 'apiToken APIToken train.apiToken OAUTH2_TOKEN npm_config__authToken'],
    [
      'a password',
      'password PASSWORD DBPASSWORD db.password PGPASSWORD mysql_pwd DB_PASS pass --password passwd',
    ],
    ['a pass phrase', 'passphrase SSH_PASSPHRASE passcode'],
    ['a secret', 'secret SECRETS CLIENT_SECRET clientSecret AWS_SECRET_ACCESS_KEY'],
    [
      'a key',
      'key KEY API_KEY OPENAI_API_KEY apikey APIKEY x-api-key WANDB_API_KEY AWS_ACCESS_KEY_ID privateKey',
    ],
    [
      'a key, whatever stands beside it',
      'PRIMARY_API_KEY API_KEY_FILE sshKey encryption_key azureStorageKey',
    ],
    [
      'credentials',
      'credentials GOOGLE_APPLICATION_CREDENTIALS AWS_CRED creds auth Authorization bearer jwt',
    ],
    ['a cookie or a session', 'cookie Cookies sessionCookie session SESSION_ID sessionid PHPSESSID sid'],
    [
      'a service’s own word for one',
      'GITHUB_PAT SENTRY_DSN SLACK_WEBHOOK X-Amz-Security-Token NODE_AUTH_TOKEN',
    ],
  ])('of %s', (_, list) => {
    expect(names(list).filter(name => !looksSecret(name))).toEqual([]);
  });
});

describe('a name does not', () => {
  test.each([
    [
      'where the letters only happen to be there',
      'KEYBOARD keyboard monkey donkey turkey hotkey AUTHOR authors',
    ],
    [
      'where a word begins alike',
      'TOKENIZERS_PARALLELISM tokenizer tokenize compass passenger bypass obsession',
    ],
    [
      'in language models',
      'padToken eos_token max_tokens maxTokens numTokens tokens_per_second tokenTypeIds',
    ],
    ['in attention, animation and tables', 'keyDim key_dim num_keys keypoints keyFrames sortKey primary_key'],
    ['of a key that everybody may have', 'public_key PUBLIC_KEY'],
    ['of a pass over the data', 'forwardPass secondPass highPass bandPass passes pass_count'],
    ['of the working folder', 'PWD OLDPWD'],
    ['of a desktop’s session', 'XDG_SESSION_TYPE DESKTOP_SESSION SESSION_MANAGER TERM_PROGRAM'],
    [
      'of what matters to a run',
      'CUDA_VISIBLE_DEVICES TF_ENABLE_ONEDNN_OPTS LD_LIBRARY_PATH OMP_NUM_THREADS seed',
    ],
    ['when there is none', '- 42 . __'],
  ])('%s', (_, list) => {
    expect(names(list).filter(looksSecret)).toEqual([]);
  });
});
