import { Type, type Static } from 'typebox';
import type { ParamProblem } from '../../core/stage.ts';

const names = (description: string) =>
  Type.Optional(Type.Array(Type.String(), { minItems: 1, uniqueItems: true, description }));

export const arraysParams = Type.Object(
  {
    source: Type.String({
      minLength: 1,
      path: true,
      description:
        'A file of `numpy.save` (`.npy`) or `numpy.savez` (`.npz`). uint8 of `[N, H, W]`, `[N, H, W, 1]` or `[N, H, W, 3]` are images; all other numbers become float32 of the same shape.',
    }),
    labels: Type.Optional(
      Type.String({
        minLength: 1,
        path: true,
        description:
          'The file with a class or numbers to predict for each example, where they are not in `source`. Without any, examples are `unlabelled`, such as those to predict.',
      }),
    ),
    arrays: Type.Object(
      {
        examples: Type.Optional(
          Type.String({
            description:
              'Name of the array of examples in a `.npz` file; without it `x`, `X`, `examples`, `images`, `data` or `x_train`, or the only array.',
          }),
        ),
        labels: Type.Optional(
          Type.String({
            description:
              'Name of the array of labels in a `.npz` file; without it `y`, `Y`, `labels`, `label`, `targets` or `y_train`.',
          }),
        ),
      },
      { additionalProperties: false, description: 'Which arrays of `.npz` files are taken.' },
    ),
    labelsAre: Type.Union([Type.Literal('auto'), Type.Literal('classes'), Type.Literal('targets')], {
      default: 'auto',
      description:
        'What labels mean: `classes`, whole numbers from 0 on; `targets`, numbers to predict, `[N]` or `[N, targets]`; `auto` for classes where they are of a type of whole numbers.',
    }),
    classes: names('Names of the classes 0, 1, 2 …; without it their numbers.'),
    targets: names('Names of the numbers to predict; without it `target`, or `target 0`, `target 1` …'),
    features: names('Names of the numbers of the last axis, such as the columns of a table.'),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'At most this many examples, the first ones; without it all of them.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type ArraysParams = Static<typeof arraysParams>;

/** What the schema cannot say of the parameters. */
export function arraysProblems({ labelsAre, classes, targets }: ArraysParams): ParamProblem[] {
  const wrong = (path: string, message: string): ParamProblem[] => [
    { path: [path], code: 'contradiction', message, hint: 'Leave it out.' },
  ];
  if (classes !== undefined && targets !== undefined)
    return wrong('targets', 'classes and targets are both given');
  if (classes !== undefined && labelsAre === 'targets')
    return wrong('classes', 'classes are named, and the labels are targets');
  if (targets !== undefined && labelsAre === 'classes')
    return wrong('targets', 'targets are named, and the labels are classes');
  return [];
}
