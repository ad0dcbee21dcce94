import { tagAdvice } from './yaml-tags.ts';

interface Explanation {
  readonly message: string;
  readonly hint?: string;
}

/** The library's names for what people type. */
const TOKENS: Readonly<Record<string, string>> = {
  'flow-map-start': '{',
  'flow-map-end': '}',
  'flow-seq-start': '[',
  'flow-seq-end': ']',
  'seq-item-ind': '-',
  'map-value-ind': ':',
  'explicit-key-ind': '?',
  'flow-error-end': 'end',
};

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BLOCK_AS_IMPLICIT_KEY: 'a value that contains ": " needs quotes',
  BAD_SCALAR_START: 'put the value in quotes',
};

/**
 * A syntax error of the YAML library in words for people.
 * @param before The line up to and including the character that is wrong.
 */
export function explainSyntax(code: string, message: string, before: string): Explanation {
  if (/[{[,].*\$\{$/.test(before))
    return {
      message: 'a variable inside { } or [ ] without quotes',
      hint: 'write "${name}", with the quotes',
    };
  const tag = /^Unresolved tag: (\S+)/.exec(message)?.[1];
  if (tag !== undefined) return tagAdvice(tag);
  const words = message.replace(/[a-z]+(-[a-z]+)+/g, token => TOKENS[token] ?? token);
  const hint = HINTS[code];
  return { message: words.replace(/ token in YAML stream:? ?.*$/, ''), ...(hint !== undefined && { hint }) };
}
