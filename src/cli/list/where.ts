import { problemAt } from '../../config/problems.ts';
import { COMMAND_LINE } from '../../config/source.ts';
import { Failure } from '../../core/failure.ts';
import { evaluate } from '../../query/evaluate.ts';
import type { Expression, ExpressionProblem } from '../../query/expression.ts';
import { impossibleTexts, namesIn, unknownNames } from '../../query/names.ts';
import { parseExpression } from '../../query/parse.ts';
import { STATUSES, type Entry } from './entry.ts';
import { knownNames, nameReader, plainValue, type Named, type Tags } from './names.ts';

const OPTION = '--where ';

/**
 * The experiments for which a condition holds, such as `train.learningRate<0.001 and status=finished`.
 * @throws Failure, exit code 2, for a mistake in it, for a name that none of them has, and for a status that there is not
 */
export function entriesWhere(
  entries: readonly Entry[],
  text: string,
  { tags, cwd }: { readonly tags: Tags; readonly cwd: string },
): readonly Entry[] {
  const expression = parseExpression(text);
  if ('message' in expression) throw failure(text, cwd, [expression]);
  if (entries.length === 0) return [];
  const unknown = unknownNames(
    expression,
    knownNames(entries),
    'a parameter, a metric or a fact of any of these experiments',
  );
  const problems = [...unknown, ...impossibleTexts(expression, 'status', STATUSES)];
  if (problems.length > 0) throw failure(text, cwd, problems);
  const holds = test(expression, tags);
  return entries.filter(holds);
}

function test(expression: Expression, tags: Tags): (entry: Entry) => boolean {
  const readers = new Map(
    namesIn(expression).map(({ name }): [string, (entry: Entry) => Named | undefined] => [
      name,
      nameReader(name, tags),
    ]),
  );
  return entry => evaluate(expression, name => plainValue(readers.get(name)?.(entry))) === true;
}

function failure(text: string, cwd: string, problems: readonly ExpressionProblem[]): Failure {
  const source = { name: COMMAND_LINE, dir: cwd, text: OPTION + text };
  return new Failure({
    code: 'wrong-condition',
    exitCode: 2,
    message: `cannot read ${OPTION}${text}`,
    problems: problems.map(({ message, start, end, ...details }) =>
      problemAt(
        { source, start: start + OPTION.length, end: end + OPTION.length },
        'wrong-condition',
        message,
        details,
      ),
    ),
  });
}
