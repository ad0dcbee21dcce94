import { Mistake, type Place } from './expression.ts';

export type Token = Place &
  (
    | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
    /** `isQuoted`: between backticks, and never a text. */
    | { readonly kind: 'name'; readonly name: string; readonly isQuoted: boolean }
    | { readonly kind: 'operator'; readonly operator: string }
    | { readonly kind: 'end' }
  );

export const KEYWORDS = ['and', 'or', 'not'];

const CONSTANTS = new Map<string, number | boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', NaN],
  ['Infinity', Infinity],
]);

const SPACE = /\s+/uy;
const DATE = /\d{4}-\d\d(?:-\d\d)?(?![\p{L}\p{N}_$.-])/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\p{L}\p{N}_$.])/iuy;
/** A minus, dot, colon or @ between letters and digits belongs to the word: `load-cifar.limit`, `latest:cgan`. */
const WORD = /[\p{L}\p{N}_$][\p{L}\p{M}\p{N}_$]*(?:[.:@-]+[\p{L}\p{M}\p{N}_$]+)*/uy;
const OPERATOR = /[<>!]=|[=<>~+\-*/()]/uy;

/** What others write for our operators, longest first. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['===', '='],
  ['!==', '!='],
  ['==', '='],
  ['=~', '~'],
  ['!~', 'not'],
  ['<>', '!='],
  ['=<', '<='],
  ['=>', '>='],
  ['&&', 'and'],
  ['||', 'or'],
  ['&', 'and'],
  ['|', 'or'],
  ['!', 'not'],
  ['≤', '<='],
  ['≥', '>='],
  ['≠', '!='],
  ['−', '-'],
  ['×', '*'],
  ['÷', '/'],
];

/** The tokens of a text, the last one of which is its end. @throws Mistake */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let start = 0;
  while (start < text.length) {
    const space = matchAt(SPACE, text, start);
    start += space.length;
    if (start === text.length) break;
    const token = tokenAt(text, start);
    tokens.push(token);
    start = token.end;
  }
  return [...tokens, { kind: 'end', start: text.length, end: text.length }];
}

function tokenAt(text: string, start: number): Token {
  const first = text.charAt(start);
  if (`'"\``.includes(first)) return quotedAt(text, start, first);
  const date = matchAt(DATE, text, start);
  if (date !== '') return { kind: 'constant', value: date, start, end: start + date.length };
  const number = matchAt(NUMBER, text, start);
  if (number !== '') return { kind: 'constant', value: Number(number), start, end: start + number.length };
  const word = matchAt(WORD, text, start);
  if (word !== '') return wordToken(word, { start, end: start + word.length });
  const other = OTHERS.find(([written]) => text.startsWith(written, start) && !isOurs(text, start, written));
  const operator = matchAt(OPERATOR, text, start);
  if (other === undefined && operator !== '')
    return { kind: 'operator', operator, start, end: start + operator.length };
  const written = other?.[0] ?? String.fromCodePoint(text.codePointAt(start) as number);
  throw new Mistake({
    message: `"${written}" is no operator`,
    start,
    end: start + written.length,
    ...(other === undefined
      ? { expected: 'a name, a number, a text in quotes, or one of = != < <= > >= ~ + - * / ( ) and or not' }
      : { suggestion: other[1] }),
  });
}

/** True for the `!` of `!=`, which is read as a longer operator of ours. */
const isOurs = (text: string, start: number, written: string): boolean =>
  written === '!' && text.charAt(start + 1) === '=';

function wordToken(word: string, place: Place): Token {
  if (KEYWORDS.includes(word)) return { kind: 'operator', operator: word, ...place };
  const constant = CONSTANTS.get(word);
  if (constant !== undefined) return { kind: 'constant', value: constant, ...place };
  // Such as 2x2: no name of ours begins with a digit.
  if (/^\d/.test(word)) return { kind: 'constant', value: word, ...place };
  return { kind: 'name', name: word, isQuoted: false, ...place };
}

function quotedAt(text: string, start: number, quote: string): Token {
  const close = text.indexOf(quote, start + 1);
  if (close === -1)
    throw new Mistake({
      message: `the quote is not closed`,
      start,
      end: text.length,
      expected: `a second ${quote}`,
    });
  const inside = text.slice(start + 1, close);
  const place = { start, end: close + 1 };
  return quote === '`'
    ? { kind: 'name', name: inside, isQuoted: true, ...place }
    : { kind: 'constant', value: inside, ...place };
}

function matchAt(pattern: RegExp, text: string, start: number): string {
  pattern.lastIndex = start;
  return pattern.exec(text)?.[0] ?? '';
}
