import type { Problem } from '../core/failure.ts';
import { find, type Node, type Path } from '../config/node.ts';
import { problemAt, type Details } from '../config/problems.ts';
import type { Span } from '../config/source.ts';

/** Reports problems at places of a sweep's file. */
export interface Reporter {
  readonly root: Node;
  readonly report: (problem: Problem) => void;
}

/** The place of a value, or of the nearest thing around it. */
export const placeOf = ({ root }: Reporter, path: Path): Span => find(root, path).value.span;

/** The place of a key. */
export function keyOf({ root }: Reporter, path: Path): Span {
  const { key, value } = find(root, path);
  return key ?? value.span;
}

export function reportAt(
  reporter: Reporter,
  span: Span,
  code: string,
  message: string,
  details: Details = {},
): void {
  reporter.report(problemAt(span, code, message, details));
}
