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
