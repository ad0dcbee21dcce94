import { nearest } from '../core/nearest.ts';
import type { Expression, ExpressionProblem, Place } from './expression.ts';

/** A name in an expression, at its place. */
export interface NameUse extends Place {
  readonly name: string;
  /** True for a bare word on the right of `=`, `!=` or `~`, which is a text where nothing has that name. */
  readonly mayBeText: boolean;
}

/** The names in an expression, from left to right, each as often as it is used. */
export function namesIn(expression: Expression): readonly NameUse[] {
  switch (expression.kind) {
    case 'constant':
      return [];
    case 'name': {
      const { name, mayBeText, start, end } = expression;
      return [{ name, mayBeText, start, end }];
    }
    case 'not':
    case 'negative':
      return namesIn(expression.operand);
    case 'binary':
      return [...namesIn(expression.left), ...namesIn(expression.right)];
  }
}

/**
 * A problem for each text that a name is compared with by `=` or `!=` and that it can never be.
 * @param values All that the name can be.
 */
export function impossibleTexts(
  expression: Expression,
  name: string,
  values: readonly string[],
): readonly ExpressionProblem[] {
  switch (expression.kind) {
    case 'constant':
    case 'name':
      return [];
    case 'not':
    case 'negative':
      return impossibleTexts(expression.operand, name, values);
    case 'binary':
      break;
  }
  const { operator, left, right } = expression;
  const inside = [left, right].flatMap(each => impossibleTexts(each, name, values));
  const text = textOf(right);
  const isCompared = ['=', '!='].includes(operator) && left.kind === 'name' && left.name === name;
  if (!isCompared || text === undefined || values.includes(text)) return inside;
  const suggestion = nearest(text, values);
  return [
    {
      message: `${name} is never "${text}"`,
      start: right.start,
      end: right.end,
      expected: `one of ${values.join(', ')}`,
      ...(suggestion !== undefined && { suggestion }),
    },
  ];
}

function textOf(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.mayBeText ? expression.name : undefined;
  return expression.kind === 'constant' && typeof expression.value === 'string'
    ? expression.value
    : undefined;
}

/**
 * A problem for each name that is not known and cannot be a text.
 * @param kind For the message, with its article: `a parameter`.
 */
export function unknownNames(
  expression: Expression,
  known: ReadonlySet<string>,
  kind: string,
): readonly ExpressionProblem[] {
  const unknown = namesIn(expression).filter(({ name, mayBeText }) => !mayBeText && !known.has(name));
  return unknown.map(({ name, start, end }) => {
    const suggestion = nearest(name, known);
    return {
      message: `"${name}" is not the name of ${kind}`,
      start,
      end,
      ...(suggestion !== undefined && { suggestion }),
    };
  });
}
