import { Type, type Static } from 'typebox';
import type { ScoreReferenceArtifact, TrainedModelArtifact } from '../core/artifacts.ts';
import { Failure, isError } from '../core/failure.ts';
import { formatEstimate } from '../core/format.ts';
import { defineStage, type StageContext } from '../core/stage.ts';
import { grouped } from '../data/report.ts';
import type { ImageBatch } from '../images/pixels.ts';
import { loadGenerator } from '../models/generator.ts';
import { readBaselines } from '../scores/baselines.ts';
import { scoreMetrics } from '../scores/catalogue.ts';
import { evaluationProblems, knownModel, knownReference } from '../scores/evaluation-problems.ts';
import { pointOf } from '../scores/measured.ts';
import { collapseNotes } from '../scores/notes.ts';
import { trainingPictures } from '../scores/open-reference.ts';
import { protocolOf } from '../scores/protocol.ts';
import { writeNearest, writeScores, type WrittenScores } from '../scores/report.ts';
import { scoreLines } from '../scores/tables.ts';
import { seenInTraining, trainedOnNotes } from '../scores/trained-on.ts';
import { weightsParam, withWeights } from '../training/gan/chosen-weights.ts';
import { GeneratorScorer, type ScoredGenerator } from '../training/gan/generator-scorer.ts';

const params = Type.Object(
  {
    from: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Score the generator of an earlier experiment instead: `exp-3`, `latest`, `latest:cgan`, or a tag.',
      }),
    ),
    weights: weightsParam,
    shown: Type.Integer({
      default: 10,
      minimum: 1,
      maximum: 20,
      description:
        'Generated pictures that are shown beside the nearest training pictures, the closest ones first.',
    }),
  },
  { additionalProperties: false },
);

interface Inputs {
  readonly model: TrainedModelArtifact;
  readonly reference: ScoreReferenceArtifact;
}

type Context = StageContext<Static<typeof params>, Inputs>;

/** @throws Failure with the first thing that keeps the generator from being scored */
function checkInputs({ inputs: { model, reference } }: Context): void {
  const problem = evaluationProblems(knownModel(model), knownReference(reference)).find(isError);
  if (problem !== undefined) throw new Failure({ ...problem, exitCode: 2 });
}

async function score(context: Context, model: TrainedModelArtifact): Promise<ScoredGenerator> {
  const { inputs, seed, signal, emit } = context;
  const { count } = inputs.reference.settings;
  const tensorflow = await context.tensorflow();
  const scorer = await GeneratorScorer.open(tensorflow, inputs.reference);
  const onProgress = (done: number) => {
    emit({ type: 'progress', done, total: count, unit: 'pictures', text: 'drawing' });
  };
  try {
    const generator = await loadGenerator(tensorflow.tf, model);
    try {
      return await scorer.score(generator, model, { count, seed, signal, onProgress });
    } finally {
      generator.dispose();
    }
  } finally {
    await scorer.dispose();
  }
}

/** Writes the scores, and the nearest training pictures where there are some; returns the names of the files. */
async function writeFiles(
  { params: { shown }, inputs: { reference }, outputDir }: Context,
  scores: WrittenScores,
  pictures: ImageBatch,
): Promise<readonly string[]> {
  const files = await writeScores(outputDir, scores);
  const training = trainingPictures(reference);
  if (training === undefined) return files;
  const nearest = scores.generated.nearest.slice(0, shown);
  return [...files, await writeNearest(outputDir, pictures, { nearest }, training)];
}

export default defineStage({
  name: 'evaluate',
  version: 1,
  summary:
    'Scores the pictures of a generator against held-out ones: distances, precision and recall, classes, copies.',
  params,
  inputs: {
    model: {
      kind: 'trained-model',
      description: 'The generator, unless `from` names an experiment that has one.',
    },
    reference: {
      kind: 'score-reference',
      description: 'Held-out pictures as score-reference prepares them.',
    },
  },
  outputs: {
    scores: {
      kind: 'files',
      description: 'scores.json, scores.md, and the nearest training pictures as nearest.png.',
    },
  },
  metrics: scoreMetrics(),
  borrows: ({ from }) =>
    from === undefined ? [] : [{ input: 'model', experiment: from, because: ['from'] }],
  outline: (_, { model, reference }) => ({ problems: evaluationProblems(model, reference) }),
  async run(context) {
    const { params: given, inputs, emit } = context;
    checkInputs(context);
    const { model, reference } = inputs;
    const seen = await seenInTraining(model, reference, context.signal);
    const { count } = reference.settings;
    const chosen = withWeights(model, given.weights);
    const { measured, pictures } = await score(context, chosen);
    const protocol = protocolOf(reference, { count, seen });
    emit({ type: 'metric', step: chosen.iterations, ...pointOf(measured), protocol });
    const notes = [...trainedOnNotes(model, reference, seen), ...collapseNotes(pictures)];
    const title = `${model.model}, iteration ${grouped(chosen.iterations)}`;
    const table = { title, generated: measured, baselines: readBaselines(reference), protocol, notes };
    const files = await writeFiles(context, table, pictures);
    for (const path of files) emit({ type: 'publish', path });
    for (const text of notes) emit({ type: 'log', level: 'warning', text });
    emit({ type: 'log', level: 'notice', text: scoreLines(table).join('\n') });
    const { kid } = measured.scores;
    context.report(
      `${grouped(count)} pictures${kid ? `, KID ${formatEstimate(kid.value, kid.interval)}` : ''}`,
    );
    return { scores: { kind: 'files', dir: context.outputDir, files } };
  },
});
