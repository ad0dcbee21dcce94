import { Type, type Static } from 'typebox';
import type { DatasetArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { DatasetOutline } from '../core/outline.ts';
import { defineStage, type ParamProblem, type StageContext } from '../core/stage.ts';
import { openExamples } from '../data/dataset.ts';
import { grouped } from '../data/report.ts';
import { divide, partCounts, PARTS, type Division, type PartCounts, type PartSize } from '../data/split.ts';
import { writeParts } from '../data/write-parts.ts';

const size = (description: string) =>
  Type.Union([Type.Literal('none'), Type.Number({ minimum: 0 })], {
    expected: '`none`, a share such as 0.1, or a number of examples such as 5000',
    description,
  });

const params = Type.Object(
  {
    validation: {
      ...size(
        'The part to validate on: a share of all examples such as 0.1, a number of them such as 5000, or `none`.',
      ),
      default: 0.1,
    },
    test: {
      ...size('The part to test with in the end, likewise. What neither part takes is for training.'),
      default: 'none',
    },
    stratify: Type.Boolean({
      default: true,
      description: 'Each part gets its share of every class. Numbers to predict have no classes.',
    }),
    shuffle: Type.Boolean({
      default: true,
      description:
        'The parts are drawn at random. Otherwise the first examples are for training and the last ones for tests: of a class, where `stratify` is set.',
    }),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2 ** 32 - 1,
        description:
          'Of the draw, so that pipelines with other seeds have the same parts; without it the pipeline’s.',
      }),
    ),
  },
  { additionalProperties: false },
);

type Params = Static<typeof params>;
type Context = StageContext<Params, { readonly dataset: DatasetArtifact }>;

const TAKEN = ['validation', 'test'] as const;

function check(given: Params): ParamProblem[] {
  const problems = TAKEN.flatMap(part => sizeProblems(part, given[part]));
  if (problems.length > 0) return problems;
  if (TAKEN.every(part => given[part] === 'none'))
    return [
      {
        path: ['validation'],
        code: 'no-parts',
        message: 'validation and test are both none: there is nothing to split',
        hint: 'Set one of them, or leave the stage out.',
      },
    ];
  const shares = TAKEN.map(part => given[part]).filter(share => typeof share === 'number' && share < 1);
  const taken = shares.reduce<number>((sum, share) => sum + Number(share), 0);
  if (taken < 1) return [];
  return [
    {
      path: ['test'],
      code: 'no-training-part',
      message: `validation and test take ${shares.join(' + ')} of the examples, which leaves none for training`,
      expected: 'shares that sum to less than 1',
    },
  ];
}

function sizeProblems(part: string, given: PartSize): readonly ParamProblem[] {
  if (given === 'none' || (given > 0 && given < 1) || (given > 1 && Number.isInteger(given))) return [];
  const found = String(given);
  const problem = {
    path: [part],
    code: 'wrong-part',
    expected: 'a share below 1, or a number from 2 on',
    found,
  };
  if (given === 0)
    return [{ ...problem, message: `a part of nothing`, hint: `${part}: none makes no such part` }];
  if (given === 1)
    return [{ ...problem, message: '1 is neither a share that leaves something nor a part of use' }];
  return [{ ...problem, message: `${given} is neither a share nor a number of examples` }];
}

/** How many examples each part has, or a problem; nothing where the number of examples is not known. */
function countsOf(given: Params, count: number | undefined): PartCounts | ParamProblem | undefined {
  if (count === undefined) return undefined;
  const found = partCounts(count, given);
  if (!('message' in found)) return found;
  return { path: [found.part], code: 'wrong-part', message: found.message, hint: found.hint };
}

function outline(given: Params, { dataset }: { readonly dataset: DatasetOutline }) {
  const counts = countsOf(given, dataset.count);
  if (counts !== undefined && 'message' in counts) return { problems: [counts] };
  const part = (count: number | undefined) => ({ ...dataset, count });
  return {
    outputs: {
      dataset: part(counts?.training),
      validation: part(counts?.validation),
      test: part(counts?.test),
    },
  };
}

/** Warns of classes that are not in every part. */
function warnOfScarceClasses(context: Context, counts: PartCounts, division: Division): void {
  const { classes } = context.inputs.dataset;
  for (const [index, part] of PARTS.entries()) {
    if (counts[part] === 0) continue;
    const without = classes.filter((_, label) => {
      const own = division.counts[label] ?? [];
      return own[index] === 0 && own.some(count => count > 0);
    });
    if (without.length > 0)
      context.emit({
        type: 'log',
        level: 'warning',
        text: `the ${part} part has none of the classes with few examples: ${someOf(without)}`,
      });
  }
}

/** Most classes to name. */
const NAMED = 10;

const someOf = (names: readonly string[]): string =>
  names.length > NAMED
    ? `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`
    : names.join(', ');

/** `45,000 for training, 5,000 for validation` */
const describe = (counts: PartCounts): string =>
  PARTS.filter(part => counts[part] > 0)
    .map(part => `${grouped(counts[part])} for ${part === 'test' ? 'tests' : part}`)
    .join(', ');

export default defineStage({
  name: 'split-dataset',
  version: 1,
  summary: 'Divides a data set into a part to train on, one to validate on and one for tests.',
  params,
  inputs: { dataset: { kind: 'dataset', description: 'Labelled images, or other examples.' } },
  outputs: {
    dataset: { kind: 'dataset', description: 'The training part.' },
    validation: {
      kind: 'dataset',
      description: 'The validation part, unless that is none.',
      omittable: true,
    },
    test: { kind: 'dataset', description: 'The test part, unless that is none.', omittable: true },
  },
  check,
  ignores: ({ shuffle }) => (shuffle ? [] : [{ path: ['seed'], because: ['shuffle'] }]),
  omits: given =>
    TAKEN.filter(part => given[part] === 'none').map(part => ({ output: part, because: [part] })),
  outline,
  async run(context) {
    const { dataset } = context.inputs;
    const { stratify, shuffle, seed = context.seed } = context.params;
    const counts = countsOf(context.params, dataset.count) as PartCounts | ParamProblem;
    if ('message' in counts) {
      const { code, message, hint = '' } = counts;
      throw new Failure({ code, message: `${context.id}.${message}`, hint, exitCode: 2 });
    }
    // Every example is read once, in order: there is nothing to keep in memory.
    const examples = await openExamples(dataset, { memory: 0 });
    try {
      const { labels } = examples;
      const division = divide(
        stratify ? labels : new Uint8Array(labels.length),
        counts,
        shuffle ? seed : undefined,
      );
      if (stratify) warnOfScarceClasses(context, counts, division);
      const written = await writeParts(examples, division.partOf, counts, {
        dir: context.outputDir,
        signal: context.signal,
        onProgress: done => {
          context.emit({ type: 'progress', done, total: dataset.count, unit: 'examples' });
        },
      });
      context.report(describe(counts));
      const { training, validation, test } = written;
      return { dataset: training as DatasetArtifact, validation, test };
    } finally {
      await examples.close();
    }
  },
});
