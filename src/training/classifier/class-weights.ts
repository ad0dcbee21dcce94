import { Type, type Static } from 'typebox';
import { Failure } from '../../core/failure.ts';
import { nearest } from '../../core/nearest.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { DatasetOutline } from '../../core/outline.ts';
import type { ParamProblem } from '../../core/stage.ts';

const weight = Type.Number({ minimum: 0 });

/** The parameter `classWeights` of a stage that trains a classifier. */
export const classWeightsParam = Type.Optional(
  Type.Union(
    [Type.Literal('balanced'), Type.Array(weight, { minItems: 1 }), Type.Record(Type.String(), weight)],
    {
      description:
        'What the examples of each class weigh in the loss: `balanced`, the rarer the more; a list; or by name, such as { cat: 2 }, 1 for the others. Without it all weigh 1.',
    },
  ),
);

export type ClassWeights = Readonly<Static<typeof classWeightsParam>>;

type Outline = Pick<DatasetOutline, 'classes' | 'targetNames'>;

const problem = (code: string, message: string, hint: string): readonly ParamProblem[] => [
  { path: ['classWeights'], code, message, hint },
];

/** Problems of the parameter with a data set, as far as its classes are known. */
export function classWeightProblems(
  given: ClassWeights | undefined,
  { classes, targetNames }: Outline,
): readonly ParamProblem[] {
  if (given === undefined) return [];
  if (targetNames !== undefined)
    return problem(
      'no-classes',
      `classWeights weigh classes, and the examples have numbers to predict: ${targetNames.join(', ')}`,
      'leave out classWeights',
    );
  if (given === 'balanced') return [];
  return isList(given) ? listProblems(given, classes) : namedProblems(given, classes);
}

const isList = (given: ClassWeights): given is readonly number[] => Array.isArray(given);

function listProblems(weights: readonly number[], classes: Outline['classes']): readonly ParamProblem[] {
  if (classes === undefined || classes.length === weights.length) return zeroProblems(weights);
  return problem(
    'wrong-class-weights',
    `classWeights has ${weights.length} numbers, and there are ${classes.length} classes`,
    `give one for each of ${classes.join(', ')}, or name some: { ${classes[0]}: 2 }`,
  );
}

type NamedWeights = Readonly<Record<string, number>>;

function namedProblems(weights: NamedWeights, classes: Outline['classes']): readonly ParamProblem[] {
  if (classes === undefined) return [];
  const unknown = Object.keys(weights).filter(name => !classes.includes(name));
  if (unknown.length === 0) return zeroProblems(namedWeights(weights, classes));
  return unknown.map(name => {
    const suggestion = nearest(name, classes);
    return {
      path: ['classWeights', name],
      code: 'unknown-class',
      message: `there is no class ${JSON.stringify(name)}`,
      expected: `one of ${classes.join(', ')}`,
      found: JSON.stringify(name),
      ...(suggestion !== undefined && { suggestion }),
    };
  });
}

const zeroProblems = (weights: readonly number[]): readonly ParamProblem[] =>
  weights.some(each => each > 0)
    ? []
    : problem(
        'wrong-class-weights',
        'every class has the weight 0',
        'give at least one class a weight above 0',
      );

const namedWeights = (weights: NamedWeights, classes: readonly string[]): readonly number[] =>
  classes.map(name => (Object.hasOwn(weights, name) ? (weights[name] as number) : 1));

/**
 * The weight of each class. `balanced` is scikit-learn's: examples / (classes · examples of the class).
 * @param given Without problems
 * @param labels Of the examples to learn from
 * @param id The stage's
 * @throws Failure for a class without examples, which `balanced` cannot weigh
 */
export function classWeightsOf(
  given: ClassWeights,
  { classes, labels, id }: { classes: readonly string[]; labels: Uint8Array; id: string },
): readonly number[] {
  if (given !== 'balanced') return isList(given) ? given : namedWeights(given, classes);
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const missing = classes.filter((_, label) => counts[label] === 0);
  if (missing.length > 0) throw withoutExamples(missing, classes, id);
  return counts.map(count => labels.length / (classes.length * count));
}

function withoutExamples(missing: readonly string[], classes: readonly string[], id: string): Failure {
  const present = classes.find(name => !missing.includes(name)) ?? '<class>';
  return new Failure({
    code: 'class-without-examples',
    exitCode: 2,
    message: `balanced class weights need examples of every class, and there are none of ${missing.join(', ')} to learn from`,
    hint: `take data that has some, or give the weights yourself: --set ${shellWord(`${id}.classWeights={${present}: 2}`)}`,
  });
}
