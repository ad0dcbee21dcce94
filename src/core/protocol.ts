/** The protocol of a metric: how its values were measured. Values of two protocols are never compared. */

/**
 * 1 to 200 characters on one line, not all of them spaces, without those that `printable` escapes. A text, since the schemas have
 * it as well: ranges instead of `\p{…}`, which not every language knows.
 */
export const PROTOCOL_PATTERN =
  '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]{1,200}$';

const PROTOCOL = new RegExp(PROTOCOL_PATTERN, 'u');

/** True for a text that can be a protocol. */
export const isProtocol = (value: unknown): value is string =>
  typeof value === 'string' && PROTOCOL.test(value);

/** `(a)`, `(b)`, …, by first appearance: marks beside names in a table, which a legend explains once. */
export function protocolMarks(protocols: readonly (string | undefined)[]): ReadonlyMap<string, string> {
  const different = [...new Set(protocols.filter(protocol => protocol !== undefined))];
  return new Map(different.map((protocol, index) => [protocol, `(${letters(index)})`]));
}

/** The legend of such marks, a line each: `(a) measured as …`. */
export const protocolLegend = (marks: ReadonlyMap<string, string>): readonly string[] =>
  [...marks].map(([protocol, mark]) => `${mark} measured as ${protocol}`);

/** `a` to `z`, then `aa`, `ab`, … */
const letters = (index: number): string =>
  `${index < 26 ? '' : letters(Math.floor(index / 26) - 1)}${String.fromCharCode(97 + (index % 26))}`;

/**
 * Of each protocol the parts that not all have, which may be none; the whole ones where those would not tell them apart, and
 * `no protocol` for none.
 */
export function differingParts(protocols: readonly (string | undefined)[]): readonly string[] {
  const known = protocols.flatMap(protocol => (protocol === undefined ? [] : [protocol.split('/')]));
  const own = protocols.map(protocol =>
    (protocol?.split('/') ?? []).filter(part => !known.every(others => others.includes(part))).join('/'),
  );
  const isTold = known.length > 1 && new Set(own).size === own.length;
  return protocols.map((protocol, index) =>
    protocol === undefined ? 'no protocol' : isTold ? (own[index] ?? '') : protocol,
  );
}
