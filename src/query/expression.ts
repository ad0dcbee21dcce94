/**
 * Conditions on named values, `train.learningRate < 0.001 and status = finished`, as trees. Each node knows its place in the text:
 * offsets of its first character and of the one behind its last.
 */

export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A mistake in the text of an expression, at its place. */
export interface ExpressionProblem extends Place {
  /** One sentence, without a period. */
  readonly message: string;
  readonly expected?: string;
  /** The nearest name or operator that exists. */
  readonly suggestion?: string;
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~';
export type Arithmetic = '+' | '-' | '*' | '/';
export type Connective = 'and' | 'or';

export type Expression = Place &
  (
    | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
    | {
        readonly kind: 'name';
        readonly name: string;
        /** True for a bare word on the right of `=`, `!=` or `~`: where nothing has that name, it is a text. */
        readonly mayBeText: boolean;
      }
    | { readonly kind: 'not' | 'negative'; readonly operand: Expression }
    | {
        readonly kind: 'binary';
        readonly operator: Comparison | Arithmetic | Connective;
        readonly left: Expression;
        readonly right: Expression;
      }
  );

export const COMPARISONS: readonly string[] = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '~',
] satisfies readonly Comparison[];

/** Thrown while a text is read, and returned as a value to whoever called. */
export class Mistake extends Error {
  readonly problem: ExpressionProblem;

  constructor(problem: ExpressionProblem) {
    super(problem.message);
    this.problem = problem;
  }
}
