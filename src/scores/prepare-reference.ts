/** The work of the stage `score-reference`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetArtifact, PredictorArtifact, ScoreReferenceArtifact } from '../core/artifacts.ts';
import type { StageContext } from '../core/stage.ts';
import type { TensorFlow } from '../core/tensorflow.ts';
import { withDataset } from '../data/dataset.ts';
import { overlapOf } from '../data/overlap.ts';
import { grouped } from '../data/report.ts';
import { resolveFile } from '../data/source-path.ts';
import { linkOrCopy } from '../storage/publish.ts';
import type { Baseline } from './baselines.ts';
import { embedSome, type EmbeddedPictures } from './embedded-pictures.ts';
import type { Embedding } from './embeddings/embedding.ts';
import { downloadInception } from './embeddings/inception-file.ts';
import { openEmbedding, type EmbeddingChoice } from './embeddings/open.ts';
import { measureBaselines } from './measure-baselines.ts';
import { ownDistances } from './measures/authenticity.ts';
import { HELD_OUT, TRAINING, type OpenReference, type OpenTraining } from './open-reference.ts';
import type { ReferenceParams } from './params.ts';
import { isSeen, protocolOf } from './protocol.ts';
import { keepEmbedding } from './reference-embedding.ts';
import { writeNumbers } from './reference-files.ts';
import { embeddingOf } from './reference-problems.ts';
import { scoreLines, scoresMarkdown } from './tables.ts';

interface Inputs {
  readonly dataset: DatasetArtifact;
  readonly training: DatasetArtifact | undefined;
  readonly predictor: PredictorArtifact | undefined;
}

export type ReferenceContext = StageContext<ReferenceParams, Inputs>;

const BASELINES = 'baselines.json';
const TABLE = 'baselines.md';

/** Prepares a reference in the stage's folder, and publishes the scores of its baselines. @throws Failure; Interrupted */
export async function prepareReference(context: ReferenceContext): Promise<ScoreReferenceArtifact> {
  const { inputs, outputDir, emit } = context;
  const tensorflow = await context.tensorflow();
  const choice = await embeddingChoice(context);
  const { height, width, channels } = inputs.dataset;
  const embedding = await openEmbedding(tensorflow, choice, [height, width, channels]);
  try {
    const { reference, pictures, trainingPictures } = await embedInputs(context, tensorflow, embedding);
    const baselines = await withDataset(inputs.training ?? inputs.dataset, dataset =>
      measureBaselines(context, tensorflow, embedding, { reference, training: trainingPictures, dataset }),
    );
    const artifact = {
      kind: 'score-reference' as const,
      dir: outputDir,
      embedding: {
        ...keepEmbedding(outputDir, choice, embedding),
        probabilities: pictures.probabilities.length / pictures.labels.length,
      },
      reference: await linkedDataset(inputs.dataset, outputDir, 'held-out'),
      compared: pictures.labels.length,
      features: await writeNumbers(outputDir, 'features.f32', pictures.features.values),
      probabilities: await writeNumbers(outputDir, 'probabilities.f32', pictures.probabilities),
      labels: await writeNumbers(outputDir, 'labels.u8', pictures.labels),
      ...(inputs.training &&
        reference.training && {
          training: await writeTraining(outputDir, inputs.training, reference.training),
        }),
      settings: reference.settings,
      baselines: BASELINES,
    };
    await writeBaselines(outputDir, baselines);
    const protocol = protocolOf(artifact, { count: artifact.settings.count, seen: 0 });
    const notes = await overlapNotes(inputs, context.signal);
    const table = { baselines, protocol, notes };
    await writeFile(join(outputDir, TABLE), scoresMarkdown('real pictures, class means and noise', table));
    emit({ type: 'publish', path: TABLE });
    for (const text of notes) emit({ type: 'log', level: 'warning', text });
    emit({ type: 'log', level: 'notice', text: scoreLines(table).join('\n') });
    context.report(`${grouped(artifact.compared)} held-out pictures, ${embedding.id}`);
    return artifact;
  } finally {
    await embedding.dispose();
  }
}

/** A sentence on held-out pictures that are training pictures as well. */
async function overlapNotes({ dataset, training }: Inputs, signal: AbortSignal): Promise<readonly string[]> {
  if (training === undefined) return [];
  const { indices } = await withDataset(dataset, held =>
    withDataset(training, trained => overlapOf(held, trained, signal)),
  );
  if (!isSeen(indices.length, { reference: dataset })) return [];
  return [
    `${grouped(indices.length)} of the ${grouped(dataset.count)} held-out pictures are training pictures: scores against them say little of new ones`,
  ];
}

const writeBaselines = (dir: string, baselines: readonly Baseline[]): Promise<void> =>
  writeFile(join(dir, BASELINES), `${JSON.stringify(baselines, null, 2)}\n`);

/** The embedding that the parameters name. */
async function embeddingChoice(context: ReferenceContext): Promise<EmbeddingChoice> {
  const { id, params, inputs, cwd, pipelineDir } = context;
  const name = embeddingOf(params, inputs.predictor);
  if (name === 'cifar10') return 'cifar10';
  if (name === 'classifier') return inputs.predictor as PredictorArtifact;
  if (params.graph === undefined) {
    const { home, signal, emit } = context;
    const onProgress = (done: number, total: number) => {
      emit({ type: 'progress', done, total, unit: 'bytes', text: 'the Inception graph' });
    };
    return { inception: await downloadInception({ home, signal, onProgress }) };
  }
  return { inception: await resolveFile(params.graph, `${id}.graph`, { workingDir: cwd, pipelineDir }) };
}

/** Embeds the pictures of the inputs. */
async function embedInputs(context: ReferenceContext, tensorflow: TensorFlow, embedding: Embedding) {
  const { params, inputs, seed } = context;
  const pictures = await embedSome(context, embedding, inputs.dataset, params.count, HELD_OUT);
  const trainingPictures =
    inputs.training && (await embedSome(context, embedding, inputs.training, params.searched, TRAINING));
  const { count, neighbours, subsets, subsetSize } = params;
  const reference: OpenReference = {
    ...pictures,
    classes: inputs.dataset.classes,
    embeddingClasses: embedding.classes,
    settings: { count, neighbours, subsets, subsetSize, seed },
    training: trainingPictures && (await openTraining(context, tensorflow, trainingPictures)),
  };
  return { reference, pictures, trainingPictures };
}

async function openTraining(
  { seed, signal }: ReferenceContext,
  tensorflow: TensorFlow,
  { features, indices }: EmbeddedPictures,
): Promise<OpenTraining> {
  return { features, indices, distances: await ownDistances({ tensorflow, seed, signal }, features) };
}

async function writeTraining(
  dir: string,
  dataset: DatasetArtifact,
  { features, indices, distances }: OpenTraining,
) {
  return {
    dataset: await linkedDataset(dataset, dir, 'training'),
    searched: indices.length,
    indices: await writeNumbers(dir, 'training/indices.u32', indices),
    features: await writeNumbers(dir, 'training/features.f32', features.values),
    distances: await writeNumbers(dir, 'training/distances.f64', distances),
  };
}

/** A data set whose files appear in another folder too, without taking space where links are possible. */
async function linkedDataset(
  { kind: _kind, dir, ...fields }: DatasetArtifact,
  outputDir: string,
  folder: string,
): Promise<ScoreReferenceArtifact['reference']> {
  await mkdir(join(outputDir, folder), { recursive: true });
  const linked = (file: string, name: string): string => {
    linkOrCopy(join(dir, file), join(outputDir, folder, name));
    return `${folder}/${name}`;
  };
  return {
    ...fields,
    images: linked(fields.images, 'images.u8'),
    labels: linked(fields.labels, 'labels.u8'),
  };
}
