import { tagAdvice } from './yaml-tags.ts';

interface Explanation {
  readonly message: string;
  readonly hint?: string;
}

/** Characters for the library's token names. */
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

/** Advice for items of a list without dashes. */
export const ITEMS_HINT = 'begin each item of a list with "- "';

/** A line of the text, and the place of the mistake in it. */
export interface SyntaxPlace {
  readonly line: string;
  readonly column: number;
}

const INDENTATION = /^(All (mapping|collection) items must|Sequence item without)/;

function hintFor(code: string, message: string, { line }: SyntaxPlace): string | undefined {
  if (INDENTATION.test(message) || /block sequence .*implicit map key/.test(message)) return ITEMS_HINT;
  if (code === 'BLOCK_AS_IMPLICIT_KEY')
    return /:\s.*:(\s|$)/.test(line)
      ? 'a value that contains ": " needs quotes'
      : 'the line after it is indented deeper than the key that it belongs beside';
  if (/^Implicit (map )?keys need/.test(message) && !line.includes(':'))
    return `put a colon after it: "${line.trim()}:"`;
  return code === 'BAD_SCALAR_START' ? 'put the value in quotes' : undefined;
}

/** A syntax error of the YAML library, reworded for users. */
export function explainSyntax(code: string, message: string, place: SyntaxPlace): Explanation {
  const before = place.line.slice(0, place.column + 1);
  if (/[{[,].*\$\{$/.test(before))
    return {
      message: 'a variable inside { } or [ ] without quotes',
      hint: 'write "${name}", with the quotes',
    };
  const tag = /^Unresolved tag: (\S+)/.exec(message)?.[1];
  if (tag !== undefined) return tagAdvice(tag);
  const words = message.replace(/[a-z]+(-[a-z]+)+/g, token => TOKENS[token] ?? token);
  // The library's message for a line with a tab is misleading.
  if (code === 'TAB_AS_INDENT' || /^\s*\t/.test(place.line))
    return { message: 'Tabs are not allowed as indentation', hint: 'indent with spaces' };
  const hint = hintFor(code, message, place);
  return { message: words.replace(/ token in YAML stream:? ?.*$/, ''), ...(hint !== undefined && { hint }) };
}
