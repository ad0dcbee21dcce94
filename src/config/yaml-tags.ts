import type { Node as YamlNode } from 'yaml';
import type { Span } from './source.ts';

const PREFIX = 'tag:yaml.org,2002:';

/** Tags that only repeat a value's type, and `!` alone, which makes it a text. */
const PLAIN = new Set([
  '!',
  ...['str', 'int', 'float', 'bool', 'null', 'seq', 'map'].map(tag => PREFIX + tag),
]);

/** Replacements for YAML's other types, which no parameter has. */
const INSTEAD: Readonly<Record<string, string>> = {
  binary: 'write the text in quotes, without the tag',
  timestamp: 'write the date as a text in quotes, without the tag',
  set: 'write a list: [a, b]',
  omap: 'write a mapping, { a: 1, b: 2 }, whose order is kept',
  pairs: 'write a list of lists: [[a, 1], [b, 2]]',
};

const OTHERWISE = 'leave the tag out; a text that begins with ! needs quotes';

/** The message for a tag that pipe does not read. */
export function tagAdvice(tag: string): { readonly message: string; readonly hint: string } {
  const name = tag.startsWith(PREFIX) ? tag.slice(PREFIX.length) : undefined;
  const shown = name === undefined ? tag : `!!${name}`;
  if (PLAIN.has(tag)) return { message: `the tag ${shown} does not fit this value`, hint: OTHERWISE };
  return { message: `the tag ${shown} is not supported`, hint: INSTEAD[name ?? ''] ?? OTHERWISE };
}

/** Characters before a value to search for its tag. */
const REACH = 300;

/**
 * The problem with the tag of a value, if any.
 * @param at The place of the value.
 * @returns `length`: the distance of the tag's start from the value.
 */
export function tagProblem(
  { tag }: YamlNode,
  at: Span,
): (ReturnType<typeof tagAdvice> & { length: number }) | undefined {
  if (tag === undefined || PLAIN.has(tag)) return undefined;
  const before = at.source.text.slice(Math.max(0, at.start - REACH), at.start);
  return { ...tagAdvice(tag), length: /!(<[^>]*>|[^\s,[\]{}]*)(\s+&\S+)?\s*$/.exec(before)?.[0].length ?? 0 };
}
