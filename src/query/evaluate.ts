import type { Arithmetic, Comparison, Connective, Expression } from './expression.ts';

/** The value of a name: a JSON value, or undefined where there is none. */
export type Lookup = (name: string) => unknown;

/**
 * The value of an expression: true or false for comparisons and what joins them, its value for a name alone. What is missing equals `null` alone, is neither smaller nor larger
 * than anything, and makes sums and products missing, too. A list equals each of its elements. Lists and mappings also equal a
 * text that is their JSON. Numbers and texts are ordered among themselves; NaN equals NaN.
 */
export function evaluate(expression: Expression, lookup: Lookup): unknown {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'name': {
      const value = lookup(expression.name);
      return value === undefined && expression.mayBeText ? expression.name : value;
    }
    case 'not':
      return evaluate(expression.operand, lookup) !== true;
    case 'negative': {
      const value = evaluate(expression.operand, lookup);
      return typeof value === 'number' ? -value : undefined;
    }
    case 'binary':
      return evaluateBinary(expression, lookup);
  }
}

function evaluateBinary({ operator, left, right }: Expression & { kind: 'binary' }, lookup: Lookup): unknown {
  const [a, b] = [() => evaluate(left, lookup), () => evaluate(right, lookup)];
  if (isConnective(operator))
    return operator === 'and' ? a() === true && b() === true : a() === true || b() === true;
  return isArithmetic(operator) ? calculate(operator, a(), b()) : compare(operator, a(), b());
}

const isConnective = (operator: string): operator is Connective => operator === 'and' || operator === 'or';

const isArithmetic = (operator: string): operator is Arithmetic => ['+', '-', '*', '/'].includes(operator);

function calculate(operator: Arithmetic, a: unknown, b: unknown): number | undefined {
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
  }
}

function compare(operator: Comparison, a: unknown, b: unknown): boolean {
  switch (operator) {
    case '=':
      return areEqual(a, b);
    case '!=':
      return !areEqual(a, b);
    case '~':
      return contains(a, b);
    case '<':
      return order(a, b) < 0;
    case '<=':
      return order(a, b) <= 0;
    case '>':
      return order(a, b) > 0;
    case '>=':
      return order(a, b) >= 0;
  }
}

/** Negative, 0 or positive for two numbers or two texts; NaN for what has no order. */
function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a - b;
  if (typeof a !== 'string' || typeof b !== 'string') return NaN;
  return a === b ? 0 : a < b ? -1 : 1;
}

function areEqual(a: unknown, b: unknown): boolean {
  const [left, right] = [a ?? null, b ?? null];
  if (left === right || Object.is(left, right)) return true;
  if (isStructured(left)) return hasValue(left, right);
  return isStructured(right) && hasValue(right, left);
}

const isStructured = (value: unknown): value is object => typeof value === 'object' && value !== null;

function hasValue(structured: object, other: unknown): boolean {
  if (Array.isArray(structured) && structured.some(each => Object.is(each, other))) return true;
  const text = isStructured(other) ? JSON.stringify(other) : other;
  return JSON.stringify(structured) === text;
}

/** A text contains another, a list an element that does. */
function contains(whole: unknown, part: unknown): boolean {
  if (Array.isArray(whole)) return whole.some(each => contains(each, part));
  const [text, wanted] = [textOf(whole), textOf(part)];
  return text !== undefined && wanted !== undefined && text.includes(wanted);
}

function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
