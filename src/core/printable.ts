/** Control characters (C0, C1), line and paragraph separators, and marks that change the direction of text. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Plain ASCII, nearly every text; many times faster to test than UNSAFE. */
const PLAIN = /^[ -~]*$/;

/** Text from a file or a user on one line of a terminal: whatever could move the cursor is shown as `\u001b`. */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, escapeCharacter);
}

/** Several lines, each of them printable. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
