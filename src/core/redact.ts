/** Removal of secrets that the form of a text reveals. Bounded repetitions keep the patterns fast on long texts. */
import type { Env } from './env.ts';
import { looksSecret } from './secrets.ts';

/** The replacement of a secret. */
const HIDDEN = '***';

/** `https://user:pass@host`: everything up to the last @ before the path. */
const USER_INFO = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/?#]{0,1000})@/gi;
/** `?name=value`, `&name=value` of an address. */
const QUERY = /([?&])([^=&?\s#]{1,100})=([^&\s#"'`]+)/g;
/** Signature parameters of signed URLs, whose names are too common to be secret elsewhere. */
const SIGNATURE = /^(x-amz-)?sig(nature)?$/i;
/** `name: value` and `name=value` within a text, the value perhaps with its scheme: `Authorization: Bearer abc`. */
const PAIR =
  /([A-Za-z_][\w.-]{0,100})(["']?\s?[:=]\s?)("[^"]*"|'[^']*'|(?:(?:Bearer|Basic|Digest|Token)\s+)?[^\s,;&"')\]}]+)/g;
/** A reference to a variable, which is no secret itself. */
const REFERENCE = /^["']?\$\{[^}]*\}["']?$/;

/** Addresses without their passwords and tokens: `https://user:***@host/?token=***`. */
export function redactUrls(text: string): string {
  return text
    .replace(USER_INFO, (_, scheme: string, info: string) => `${scheme}${redactUserInfo(scheme, info)}@`)
    .replace(QUERY, (whole, mark: string, name: string) =>
      looksSecret(name) || SIGNATURE.test(name) ? `${mark}${name}=${HIDDEN}` : whole,
    );
}

/** User info without a password is a token in an http(s) URL and a user name elsewhere: `ssh://git@host`. */
function redactUserInfo(scheme: string, info: string): string {
  const [user = '', ...rest] = info.split(':');
  const password = rest.join(':');
  if (password !== '' && password !== 'x-oauth-basic') return `${user}:${HIDDEN}`;
  return /http/i.test(scheme) && info !== '' ? HIDDEN : info;
}

const redactPairs = (text: string): string =>
  redactUrls(text).replace(PAIR, (whole, name: string, between: string, value: string) =>
    looksSecret(name) && !REFERENCE.test(value) && !value.startsWith(HIDDEN)
      ? `${name}${between}${HIDDEN}`
      : whole,
  );

/**
 * A command line without the values of options and settings whose names look secret, and without passwords and tokens in
 * addresses: `--set train.apiToken=***`, `--password ***`.
 */
export function redactCommand(command: readonly string[]): string[] {
  return command.map((argument, index) => {
    const option = command[index - 1] ?? '';
    const isValue = /^--?[^=]+$/.test(option) && looksSecret(option) && !argument.startsWith('--');
    return isValue ? HIDDEN : redactArgument(argument);
  });
}

function redactArgument(argument: string): string {
  const setting = /^([^=\s:/]+)=(.*)$/s.exec(argument);
  if (setting === null) return redactPairs(argument);
  const [, name = '', value = ''] = setting;
  if (looksSecret(name) && !REFERENCE.test(value)) return `${name}=${HIDDEN}`;
  return `${name}=${redactArgument(value)}`;
}

/** The shortest value to hide, in characters: shorter ones occur in texts for other reasons. */
const SHORTEST = 8;

/**
 * Returns a function that hides the values of environment variables with secret names, and passwords and tokens in addresses.
 * @param isPath True for local paths, which are not secrets.
 */
export function secretsHider(env: Env, isPath: (value: string) => boolean): (text: string) => string {
  const values = Object.entries(env).flatMap(([name, value = '']) =>
    value.length >= SHORTEST && looksSecret(name) && !isPath(value) ? [value] : [],
  );
  // Longest first, as one secret may contain another.
  const secrets = [...new Set(values)].sort((a, b) => b.length - a.length);
  return text => redactUrls(secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text));
}

/** True for an environment variable whose value must stay out of records. */
export const isSecretVariable = (name: string, value: string): boolean =>
  looksSecret(name) || redactUrls(value) !== value;
