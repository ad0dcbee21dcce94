/** An address without its user and password, which become a header and are never shown. */
export function withoutCredentials(url: string): {
  readonly address: string;
  readonly authorization?: string;
} {
  const parsed = new URL(url);
  const { username, password } = parsed;
  if (username === '' && password === '') return { address: url };
  parsed.username = parsed.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { address: parsed.href, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** `url` with the credentials of `from` if both are on the same server. */
export function withCredentialsOf(url: URL, from: string): string {
  const { username, password, host } = new URL(from);
  if (url.host === host && url.username === '') Object.assign(url, { username, password });
  return url.href;
}
