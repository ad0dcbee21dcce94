import { Type, type Static } from 'typebox';
import type { DatasetArtifact, PredictorArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { DatasetOutline } from '../core/outline.ts';
import { defineStage, type ParamProblem, type StageContext } from '../core/stage.ts';
import { openExamples, type Examples } from '../data/dataset.ts';
import { grouped } from '../data/report.ts';
import { identityTransform } from '../data/transform.ts';
import { outputCount } from '../models/compiled-predictor.ts';
import { known, misfits, unknownLabels } from '../training/predictions/fit.ts';
import type { BatchOutputs } from '../training/batch-outputs.ts';
import { predictAll } from '../training/predictions/run.ts';
import {
  likeliest,
  PREDICTION_FILES,
  PredictionWriter,
  shortRows,
  type Predicted,
} from '../training/predictions/write.ts';

const params = Type.Object(
  {
    from: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Take the predictor of an earlier experiment instead: `exp-3`, `latest`, `latest:classifier`, or a tag.',
      }),
    ),
    mirrored: Type.Boolean({
      default: false,
      description:
        'Means of what is predicted for a picture and for its mirror image: a little better, and half as fast.',
    }),
    batchSize: Type.Integer({
      default: 128,
      minimum: 1,
      maximum: 65_536,
      description: 'Examples that are predicted at once.',
    }),
  },
  { additionalProperties: false },
);

interface Inputs {
  readonly predictor: PredictorArtifact;
  readonly dataset: DatasetArtifact;
}

type Params = Static<typeof params>;
type Context = StageContext<Params, Inputs>;

const unknownWords = (names: readonly string[]): string =>
  `the predictor does not know the ${names.length === 1 ? 'class' : 'classes'} ${names.join(', ')}: it predicts others for their examples`;

/** What cannot be mirrored. */
const mirrorProblems = ({ mirrored }: Params, { shape }: DatasetOutline): readonly ParamProblem[] =>
  mirrored && shape !== undefined
    ? [
        {
          path: ['mirrored'],
          code: 'no-images',
          message: 'numbers have no mirror image: mirrored is for pictures',
          hint: 'leave mirrored out',
        },
      ]
    : [];

/** Checks the data set against the predictor, and says what a user may not expect. */
function checkInputs({ id, params: given, inputs: { predictor, dataset }, emit }: Context): void {
  const facts = known(predictor, dataset);
  const [misfit] = [...mirrorProblems(given, dataset), ...misfits(facts)];
  if (misfit !== undefined) {
    const { code, message, hint = 'name another data set or another predictor in its inputs' } = misfit;
    throw new Failure({ code, message: `${id}: ${message}`, hint, exitCode: 2 });
  }
  const unknown = unknownLabels(facts);
  if (unknown.length > 0) emit({ type: 'log', level: 'warning', text: unknownWords(unknown) });
  if (isSame(dataset.transform, predictor.transform)) return;
  const isOwn = !isSame(dataset.transform, identityTransform(dataset.channels));
  const text = 'the transform is the predictor’s, that of the data it was trained on';
  emit({
    type: 'log',
    ...(isOwn ? { level: 'notice', text: `${text}, not the data set’s` } : { level: 'info', text }),
  });
}

type Transform = DatasetArtifact['transform'];

const isSame = (one: Transform, other: Transform): boolean =>
  JSON.stringify([one.scale, one.offset]) === JSON.stringify([other.scale, other.offset]);

/** Counts the examples whose class was predicted. */
class Hits {
  readonly #classes: readonly string[];
  right = 0;
  compared = 0;

  /** @param classes Of the predictor; none for numbers. */
  constructor(classes: readonly string[]) {
    this.#classes = classes;
  }

  add({ label, outputs }: Predicted): void {
    if (label === undefined || !this.#classes.includes(label)) return;
    this.compared++;
    if (likeliest(this.#classes, outputs).name === label) this.right++;
  }

  /** `, 9,312 of 10,000 as labelled` */
  get words(): string {
    return this.compared === 0 ? '' : `, ${grouped(this.right)} of ${grouped(this.compared)} as labelled`;
  }
}

/** The examples of a batch with what the data set says of them. */
function rowsOf(examples: Examples, { first, count, outputs }: BatchOutputs): readonly Predicted[] {
  const { labels, artifact } = examples;
  const width = artifact.targets?.names.length ?? 0;
  const targets =
    examples.targets && shortRows(examples.targets.subarray(first * width, (first + count) * width), width);
  return shortRows(outputs, outputs.length / count).map((row, place) => ({
    index: first + place,
    label: artifact.classes[labels[first + place] as number],
    targets: targets?.[place],
    outputs: row,
  }));
}

async function writeAll(context: Context, examples: Examples): Promise<Hits> {
  const { inputs, params, outputDir, signal } = context;
  const { predictor, dataset } = inputs;
  const hits = new Hits(predictor.classes);
  const tensorflow = await context.tensorflow();
  const writer = await PredictionWriter.create(outputDir, predictor, dataset);
  try {
    for await (const batch of predictAll(tensorflow, predictor, examples, {
      ...params,
      signal,
    })) {
      const rows = rowsOf(examples, batch);
      for (const row of rows) hits.add(row);
      await writer.append(rows);
      const done = batch.first + batch.count;
      context.emit({ type: 'progress', done, total: dataset.count, unit: 'examples' });
    }
    return hits;
  } finally {
    await writer.close();
  }
}

export default defineStage({
  name: 'predict',
  version: 1,
  summary: 'Predicts the class of each example of a data set, or its numbers, with a trained network.',
  params,
  inputs: {
    predictor: {
      kind: 'predictor',
      description: 'The network, such as `fit` trains, unless `from` names an experiment that has one.',
    },
    dataset: {
      kind: 'dataset',
      description: 'The examples, whose labels are written beside the predictions.',
    },
  },
  outputs: {
    predictions: {
      kind: 'files',
      description: 'predictions.csv and, line by line as JSON, predictions.jsonl.',
    },
  },
  borrows: ({ from }) =>
    from === undefined ? [] : [{ input: 'predictor', experiment: from, because: ['from'] }],
  outline: (given, inputs) => ({
    problems: [
      ...mirrorProblems(given, inputs.dataset),
      ...misfits(inputs).map(problem => ({ ...problem, path: [] })),
      ...(unknownLabels(inputs).length === 0
        ? []
        : [
            {
              path: [],
              code: 'unknown-classes',
              severity: 'warning' as const,
              message: unknownWords(unknownLabels(inputs)),
            },
          ]),
    ],
  }),
  async run(context) {
    const { dataset, predictor } = context.inputs;
    checkInputs(context);
    const examples = await openExamples(dataset);
    try {
      const hits = await writeAll(context, examples);
      for (const path of PREDICTION_FILES) context.emit({ type: 'publish', path });
      const what = predictor.targets === undefined ? 'classes' : 'targets';
      context.report(
        `${grouped(dataset.count)} predictions of ${outputCount(predictor)} ${what}${hits.words}`,
      );
    } finally {
      await examples.close();
    }
    return { predictions: { kind: 'files', dir: context.outputDir, files: [...PREDICTION_FILES] } };
  },
});
