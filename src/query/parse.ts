import { nearest } from '../core/nearest.ts';
import { COMPARISONS, Mistake, type Expression, type ExpressionProblem, type Place } from './expression.ts';
import { KEYWORDS, tokensOf, type Token } from './tokens.ts';

/** Most characters of an expression, and most levels of parentheses and of signs in it: both bound the recursion. */
const LONGEST = 2000;
const DEEPEST = 100;

const EXAMPLE = 'a comparison, such as train.epochs >= 20';

/**
 * Reads a condition.
 *
 *     condition   alternative { or alternative }
 *     alternative part { and part }
 *     part        not part | comparison
 *     comparison  sum [ ( = | != | < | <= | > | >= | ~ ) sum ]
 *     sum         product { ( + | - ) product }
 *     product     factor { ( * | / ) factor }
 *     factor      - factor | ( condition ) | name | `any name` | number | date | 'text' | "text" | true | false | null
 */
export function parseExpression(text: string): Expression | ExpressionProblem {
  try {
    if (text.length > LONGEST)
      throw new Mistake({ message: `it is longer than ${LONGEST} characters`, start: LONGEST, end: LONGEST });
    return new Parser(tokensOf(text)).parse();
  } catch (error) {
    if (error instanceof Mistake) return error.problem;
    throw error;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expression {
    const expression = asCondition(this.#condition());
    const rest = this.#token;
    if (rest.kind !== 'end') throw new Mistake(unexpected(rest));
    return expression;
  }

  get #token(): Token {
    return this.#tokens[this.#position] as Token;
  }

  /** The operator here, if it is one of these, which is passed. */
  #take(operators: readonly string[]): string | undefined {
    const token = this.#token;
    if (token.kind !== 'operator' || !operators.includes(token.operator)) return undefined;
    this.#position++;
    return token.operator;
  }

  #condition = (): Expression => this.#chain(['or'], this.#alternative, asCondition);

  #alternative = (): Expression => this.#chain(['and'], this.#part, asCondition);

  #part = (): Expression => {
    const { start } = this.#token;
    if (this.#take(['not']) === undefined) return this.#comparison();
    const operand = asCondition(this.#nested(this.#part));
    return { kind: 'not', operand, start, end: operand.end };
  };

  #comparison(): Expression {
    const left = this.#sum();
    const operator = this.#take(COMPARISONS);
    if (operator === undefined) return left;
    const token = this.#token;
    const right = this.#sum();
    const again = this.#token;
    if (this.#take(COMPARISONS) !== undefined)
      throw new Mistake({
        message: 'two comparisons in a row',
        ...placeOf(again),
        expected: 'one comparison each, joined by "and"',
      });
    const isWord = token.kind === 'name' && !token.isQuoted && right.kind === 'name';
    const mayBeText = isWord && ['=', '!=', '~'].includes(operator);
    return binary(operator, asValue(left), mayBeText ? { ...right, mayBeText } : asValue(right));
  }

  #sum = (): Expression => this.#chain(['+', '-'], this.#product, asValue);

  #product = (): Expression => this.#chain(['*', '/'], this.#factor, asValue);

  #factor = (): Expression => {
    const token = this.#token;
    const { start } = token;
    if (this.#take(['-']) !== undefined) {
      const operand = asValue(this.#nested(this.#factor));
      return { kind: 'negative', operand, start, end: operand.end };
    }
    if (this.#take(['(']) !== undefined) return this.#closed(this.#nested(this.#condition), token);
    if (token.kind === 'constant' || token.kind === 'name') this.#position++;
    if (token.kind === 'constant') return { kind: 'constant', value: token.value, ...placeOf(token) };
    if (token.kind === 'name') return { kind: 'name', name: token.name, mayBeText: false, ...placeOf(token) };
    throw new Mistake(noOperand(token));
  };

  #closed(inner: Expression, open: Place): Expression {
    const token = this.#token;
    if (this.#take([')']) !== undefined) return { ...inner, start: open.start, end: token.end };
    if (token.kind !== 'end') throw new Mistake(unexpected(token));
    throw new Mistake({ message: 'the parenthesis is not closed', ...placeOf(open), expected: 'a ")"' });
  }

  /** Operands joined by operators of the same rank, from left to right. */
  #chain(
    operators: readonly string[],
    operand: () => Expression,
    check: (operand: Expression) => Expression,
  ): Expression {
    let left = operand();
    for (;;) {
      const operator = this.#take(operators);
      if (operator === undefined) return left;
      left = binary(operator, check(left), check(operand()));
    }
  }

  #nested(inner: () => Expression): Expression {
    if (++this.#depth > DEEPEST)
      throw new Mistake({ message: `it has more than ${DEEPEST} levels`, ...placeOf(this.#token) });
    const expression = inner();
    this.#depth--;
    return expression;
  }
}

const placeOf = ({ start, end }: Place): Place => ({ start, end });

const binary = (operator: string, left: Expression, right: Expression): Expression => ({
  kind: 'binary',
  operator: operator as (Expression & { kind: 'binary' })['operator'],
  left,
  right,
  start: left.start,
  end: right.end,
});

/** True for what is true or false by its form, false for numbers and texts, undefined for a name. */
function isCondition(expression: Expression): boolean | undefined {
  switch (expression.kind) {
    case 'constant':
      return typeof expression.value === 'boolean' ? undefined : false;
    case 'name':
      return undefined;
    case 'not':
      return true;
    case 'negative':
      return false;
    case 'binary':
      return !['+', '-', '*', '/'].includes(expression.operator);
  }
}

function asCondition(expression: Expression): Expression {
  if (isCondition(expression) !== false) return expression;
  throw new Mistake({
    message: 'this is neither true nor false',
    ...placeOf(expression),
    expected: EXAMPLE,
  });
}

function asValue(expression: Expression): Expression {
  if (isCondition(expression) !== true) return expression;
  throw new Mistake({
    message: 'this is true or false, and no value to compare or to calculate with',
    ...placeOf(expression),
    expected: 'a name, a number or a text',
  });
}

function noOperand(token: Token): ExpressionProblem {
  const expected = 'a name, a number or a text';
  if (token.kind === 'end') return { message: 'it ends too early', ...placeOf(token), expected };
  return { message: `${wordsOf(token)} does not fit here`, ...placeOf(token), expected };
}

/** What follows a whole operand, and is no operator. */
function unexpected(token: Token): ExpressionProblem {
  const meant = token.kind === 'name' ? nearest(token.name, KEYWORDS) : undefined;
  return {
    message: `${wordsOf(token)} does not fit here`,
    ...placeOf(token),
    expected:
      token.kind === 'operator' && token.operator === ')'
        ? 'a "(" before it'
        : 'and, or, or an operator: = != < <= > >= ~ + - * /',
    ...(meant !== undefined && { suggestion: meant }),
  };
}

function wordsOf(token: Token): string {
  switch (token.kind) {
    case 'constant':
      return typeof token.value === 'string' ? `"${token.value}"` : String(token.value);
    case 'name':
      return `"${token.name}"`;
    case 'operator':
      return `"${token.operator}"`;
    case 'end':
      return 'the end';
  }
}
