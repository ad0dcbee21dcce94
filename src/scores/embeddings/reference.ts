import { join } from 'node:path';
import type { PredictorArtifact } from '../../core/artifacts.ts';
import { Failure } from '../../core/failure.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import { codeDir } from '../../host/paths.ts';
import { readRegular } from '../../storage/read-file.ts';
import type { Embedding } from './embedding.ts';
import { layersModelHash } from './layers-model-hash.ts';
import { openPredictorEmbedding } from './predictor.ts';

/** The classifier of the package: made by scripts/pack-classifier.js, and copied with the code. */
const FOLDER = join(codeDir, 'scores', 'embeddings', 'cifar10');

/** Content of classifier.json, as far as it is used. */
interface Description extends Pick<PredictorArtifact, 'shape' | 'classes' | 'transform'> {
  readonly name: string;
  /** Of the network's files and the transform: see `layersModelHash`. */
  readonly sha256: string;
}

/**
 * The features of pipe's own classifier of CIFAR-10: frozen, so that scores of different people and years compare.
 * @param folder Of its files, for tests.
 * @throws Failure `damaged-classifier` where the files are not those that were published; `embedding-size`
 */
export async function openReferenceEmbedding(
  tensorflow: TensorFlow,
  imageShape: readonly number[],
  folder = FOLDER,
): Promise<Embedding> {
  const { name, shape, classes, transform } = await intact(folder);
  const predictor: PredictorArtifact = {
    kind: 'predictor',
    dir: folder,
    model: name,
    network: '.',
    images: true,
    iteration: 0,
    shape,
    classes,
    transform,
  };
  return openPredictorEmbedding(tensorflow, predictor, imageShape);
}

async function intact(folder: string): Promise<Description> {
  let found: string;
  try {
    const description = JSON.parse(readRegular(join(folder, 'classifier.json')).toString()) as Description;
    found = await layersModelHash(folder, description.transform);
    if (found === description.sha256) return description;
  } catch (cause) {
    throw damaged(folder, [cause instanceof Error ? cause.message : String(cause)]);
  }
  throw damaged(folder, [`its files have the sha256 ${found}, which is not that of classifier.json`]);
}

const damaged = (folder: string, details: readonly string[]): Failure =>
  new Failure({
    code: 'damaged-classifier',
    message: `the classifier cifar10 of the package is damaged: ${folder}`,
    details,
    hint: 'install the package again; in a checkout: git checkout src/scores/embeddings/cifar10',
  });
