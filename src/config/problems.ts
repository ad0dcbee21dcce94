import { Failure, isError, type Problem } from '../core/failure.ts';
import { toPlain, type Node } from './node.ts';
import { COMMAND_LINE, locate, type Span } from './source.ts';

/** Receives a problem; loading continues, so that every problem is shown at once. */
export type Report = (problem: Problem) => void;

/** Optional fields of a problem. */
export type Details = Omit<Problem, 'code' | 'message' | 'location' | 'suggestion'> & {
  readonly suggestion?: string | undefined;
};

/** A problem at a place. */
export function problemAt(
  span: Span,
  code: string,
  message: string,
  { suggestion, ...details }: Details = {},
): Problem {
  return {
    code,
    message,
    location: locate(span),
    ...details,
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** Names for an `expected`: `one of a, b, c`; a long list is cut. */
export function oneOf(names: readonly string[]): string {
  const most = 30;
  if (names.length === 1) return String(names[0]);
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `one of ${shown}, … (${names.length} in all)` : `one of ${shown}`;
}

/** A short description of a value, for `found`. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…"` : text;
}

export const describeNode = (node: Node): string => describeValue(toPlain(node));

/** Most problems to show: a broken file may have thousands. */
const MOST_PROBLEMS = 100;

/**
 * Problems in order: those without a place, then of the command line, then file by file from top to bottom. Duplicates are
 * removed, and their number is limited.
 */
export function sortProblems(all: readonly Problem[]): readonly Problem[] {
  const problems = [...new Map(all.map(problem => [identity(problem), problem])).values()];
  const files = [...new Set([COMMAND_LINE, ...problems.map(({ location }) => location?.file)])];
  const rank = ({ location }: Problem): readonly [number, number, number] =>
    location === undefined ? [-1, 0, 0] : [files.indexOf(location.file), location.line, location.column];
  const sorted = problems.sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
  });
  const rest = sorted.slice(MOST_PROBLEMS);
  if (rest.length === 0) return sorted;
  const more: Problem = { code: 'more-problems', message: `${rest.length} more problems` };
  return [...sorted.slice(0, MOST_PROBLEMS), rest.some(isError) ? more : { ...more, severity: 'warning' }];
}

const identity = ({ code, message, location }: Problem): string =>
  JSON.stringify([code, message, location?.file, location?.line, location?.column]);

/** The failure of a command with an invalid pipeline. */
export function invalidPipeline(file: string, problems: readonly Problem[]): Failure {
  return new Failure({
    code: 'invalid-pipeline',
    message: `${file} has ${countOf(problems.filter(isError))}`,
    exitCode: 2,
    problems,
  });
}

function countOf(problems: readonly Problem[]): string {
  if (problems.length > MOST_PROBLEMS) return `more than ${MOST_PROBLEMS} problems`;
  return problems.length === 1 ? '1 problem' : `${problems.length} problems`;
}
