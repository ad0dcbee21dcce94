/** The embedding of a score reference, whose files are in the reference's folder. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PredictorArtifact, ScoreReferenceArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import type { TensorFlow } from '../core/tensorflow.ts';
import { linkOrCopy } from '../storage/publish.ts';
import type { Embedding } from './embeddings/embedding.ts';
import { openEmbedding, type EmbeddingChoice } from './embeddings/open.ts';

type Recorded = ScoreReferenceArtifact['embedding'];

const FOLDER = 'embedding';
const GRAPH = `${FOLDER}/graph.pb`;

/** Keeps the files of an embedding in a folder and describes it. */
export function keepEmbedding(
  dir: string,
  choice: EmbeddingChoice,
  { id, name, width, classes }: Embedding,
): Omit<Recorded, 'probabilities'> {
  const about = { id, name, width, classes };
  if (choice === 'cifar10') return about;
  mkdirSync(join(dir, FOLDER));
  if ('inception' in choice) {
    linkOrCopy(choice.inception, join(dir, GRAPH));
    return { ...about, graph: GRAPH };
  }
  const from = join(choice.dir, choice.network);
  for (const file of readdirSync(from)) linkOrCopy(join(from, file), join(dir, FOLDER, file));
  const { model, shape, images, transform, iteration } = choice;
  const predictor = { model, network: FOLDER, shape, images, classes: choice.classes, transform, iteration };
  return { ...about, predictor };
}

/**
 * Opens the embedding that a reference was prepared with.
 * @throws Failure `embedding-changed` where it is another one than it was
 */
export async function referenceEmbedding(
  tensorflow: TensorFlow,
  { dir, embedding, reference }: ScoreReferenceArtifact,
): Promise<Embedding> {
  const { height, width, channels } = reference;
  const opened = await openEmbedding(tensorflow, choiceOf(dir, embedding), [height, width, channels]);
  if (opened.id === embedding.id) return opened;
  await opened.dispose();
  throw new Failure({
    code: 'embedding-changed',
    message: `the held-out pictures were prepared with ${embedding.id}, and here is ${opened.id}: their features are not comparable`,
    hint: 'run the pipeline again, so that score-reference prepares them anew',
  });
}

function choiceOf(dir: string, { predictor, graph }: Recorded): EmbeddingChoice {
  if (graph !== undefined) return { inception: join(dir, graph) };
  if (predictor === undefined) return 'cifar10';
  return { kind: 'predictor', dir, ...predictor } satisfies PredictorArtifact;
}
