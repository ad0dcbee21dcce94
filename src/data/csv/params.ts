import { Type, type Static } from 'typebox';
import type { ParamProblem } from '../../core/stage.ts';

const names = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true, description });

export const csvParams = Type.Object(
  {
    source: Type.String({
      minLength: 1,
      path: true,
      description: 'A CSV file in UTF-8, one example in each row.',
    }),
    delimiter: Type.Union([Type.Literal('tab'), Type.String({ pattern: '^[^"\\r\\n]$' })], {
      default: ',',
      expected: 'one character, or `tab`',
      description: 'The character between two fields: `","`, `";"`, `"|"` or `tab`.',
    }),
    header: Type.Union([Type.Boolean(), names('Names of all columns, where the file has none.')], {
      default: true,
      description:
        'Whether the first row has the names of the columns. Without it they are `column 1`, `column 2` …, or as they are listed here.',
    }),
    label: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'The column with the classes, for classification. Without label and targets, rows are `unlabelled`, such as those to predict.',
      }),
    ),
    classes: Type.Optional(
      names(
        'Only rows of these classes, labelled in this order; without it all of them, by name, or by value where all are whole numbers.',
      ),
    ),
    targets: Type.Optional(names('The columns with the numbers to predict, for regression.')),
    features: Type.Optional(
      names(
        'The columns to learn from, in this order; without it all others that have a name. They have numbers, true or false, unless categories names them.',
      ),
    ),
    exclude: Type.Array(Type.String(), {
      default: [],
      description: 'Columns not to learn from, such as the number of the row.',
    }),
    categories: Type.Record(
      Type.String(),
      Type.Union([Type.Literal('auto'), names('The values, in the order of their numbers.')]),
      {
        default: {},
        description:
          'Columns of text to learn from, each with its values or `auto` for those in the file: each value becomes a number that is 1 where the column has it, and 0 elsewhere. List the values where files are loaded apart, such as for training and for tests.',
      },
    ),
    missing: Type.Array(Type.String(), {
      default: ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL'],
      description: 'Texts that stand for a missing value.',
    }),
    onMissing: Type.Union([Type.Literal('fail'), Type.Literal('drop'), Type.Literal('mean'), Type.Number()], {
      default: 'fail',
      description:
        'What missing values lead to: the stage fails and names them, `drop` leaves the rows out, `mean` takes the mean of the column in this file (of categories, the share of each), and a number is taken itself. A missing label or target is never filled.',
    }),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'At most this many rows, the first ones; without it all of them.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type CsvParams = Static<typeof csvParams>;

/** What the schema cannot say of the parameters. */
export function csvProblems(params: CsvParams): ParamProblem[] {
  const { label, targets = [], classes, features, exclude, categories } = params;
  const problems: ParamProblem[] = [];
  const add = (path: ParamProblem['path'], message: string, hint: string) =>
    problems.push({ path, code: 'contradiction', message, hint });
  if (label !== undefined && targets.length > 0)
    add(
      ['targets'],
      'label and targets are both given',
      'Take label for classification, targets for regression.',
    );
  if (classes !== undefined && label === undefined)
    add(['classes'], 'classes are given without label', 'Name the column of the classes with label.');
  if (features !== undefined && exclude.length > 0)
    add(['exclude'], 'features and exclude are both given', 'Leave one of them out.');
  const answers = [label, ...targets];
  for (const [at, name] of (features ?? []).entries())
    if (answers.includes(name))
      add(['features', at], `column "${name}" is to be learned from and predicted`, 'Leave it out here.');
  for (const name of Object.keys(categories))
    if (answers.includes(name) || exclude.includes(name) || features?.includes(name) === false)
      add(['categories', name], `column "${name}" is not learned from`, 'Leave it out here.');
  return problems;
}

/** The number of numbers of an example, where it follows from the parameters. */
export function featureCount({ features, categories }: CsvParams): number | undefined {
  const counts = features?.map(name => {
    const values = categories[name];
    return values === 'auto' ? NaN : (values?.length ?? 1);
  });
  const sum = counts?.reduce((total, count) => total + count, 0);
  return Number.isNaN(sum) ? undefined : sum;
}
