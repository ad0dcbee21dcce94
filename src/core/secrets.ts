/** Detection of names whose values are secrets: tokens, passwords, keys, credentials, cookies, sessions. */

/** Parts that mark a word as secret anywhere in it, or at its end: `DBPASSWORD`, `GITHUBTOKEN`. */
const FRAGMENT = /passw(or)?d|passphrase|passcode|secret|credential/;
const ENDING = /(.token|cookie|sessid|sessionid)s?$/;

/** Names of secret keys, as one word or two: `apikey`, `API_KEY`, also after `primary`. */
const SECRET_KEY =
  /^(api|access|account|admin|app|auth|client|crypt|decryption|deploy|encryption|host|license|master|private|secret|service|shared|sign|signing|ssh|storage|subscription)keys?$/;

/**
 * Words that make a name secret, with the words beside which they mean something else: a language model's `padToken` and
 * `maxTokens`, a `sortKey`, attention's `keyDim`, a `forwardPass`.
 */
const WORDS: Readonly<Record<string, string>> = {
  token:
    'pad bos eos unk mask cls sep start end special max min num count length len size dim type limit per class embedding embeddings',
  key: 'sort primary foreign public dim dims size length len frame frames point points value values query num count index column order group join map cache content dict head heads name type code',
  pass: 'forward backward first second third last single multi two one high low band all num count rate',
  session: 'xdg desktop type manager class timeout count length num',
  pwd: '',
  pw: '',
  auth: '',
  oauth: '',
  authorization: '',
  authentication: '',
  bearer: '',
  cookie: '',
  cred: '',
  jwt: '',
  otp: '',
  totp: '',
  pat: '',
  sid: '',
  dsn: '',
  webhook: '',
};

/** The shell's working folder, whose name ends in `pwd`. */
const WORKING_FOLDER = 'PWD';

/** `apiToken`, `API_TOKEN` and `api-token` are `api`, `token`. */
const wordsOf = (name: string): readonly string[] =>
  (name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+/gu) ?? []).map(word => word.toLowerCase());

/**
 * Whether a name, of an environment variable, an option, a parameter or a part of an address, looks like that of a secret.
 * Case and separators do not matter: `HF_TOKEN`, `--api-key`, `train.dbPassword`.
 */
export function looksSecret(name: string): boolean {
  if (name === WORKING_FOLDER) return false;
  const words = wordsOf(name);
  return words.some((word, index) => {
    const [before = '', after = ''] = [words[index - 1], words[index + 1]];
    if (FRAGMENT.test(word) || ENDING.test(word)) return true;
    if (SECRET_KEY.test(word) || SECRET_KEY.test(before + word)) return true;
    const singular = word.replace(/s$/, '');
    const known = Object.hasOwn(WORDS, word) ? word : singular;
    if (!Object.hasOwn(WORDS, known)) return false;
    const harmless = (WORDS[known] ?? '').split(' ');
    return !harmless.includes(before || '–') && !harmless.includes(after || '–');
  });
}
