/** Most words that a sentence names. */
const MOST = 3;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;

/** The same, of many words the first ones: `a, b, c and 7 more`. */
export function listedShortly(words: readonly string[]): string {
  const rest = words.length - MOST;
  return listed(rest > 0 ? [...words.slice(0, MOST), `${rest} more`] : words);
}
