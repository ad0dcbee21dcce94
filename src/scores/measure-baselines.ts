import { deriveSeed, Random } from '../core/random.ts';
import type { StageContext } from '../core/stage.ts';
import type { TensorFlow } from '../core/tensorflow.ts';
import type { Dataset } from '../data/dataset.ts';
import { grouped } from '../data/report.ts';
import { classMeanPictures, labelsOf, noisePictures, proportional } from './baseline-pictures.ts';
import type { Baseline } from './baselines.ts';
import { somePictures, type EmbeddedPictures } from './embedded-pictures.ts';
import { embedPictures } from './embeddings/embed-pictures.ts';
import type { Embedding } from './embeddings/embedding.ts';
import { measureScores, type ScoredPictures } from './measure.ts';
import type { MeasuredScores } from './measured.ts';
import { suspectedCopies } from './measures/authenticity.ts';
import { nearest } from './measures/nearest.ts';
import { HELD_OUT, type OpenReference } from './open-reference.ts';

export interface BaselineInputs {
  readonly reference: OpenReference;
  /** Training pictures, where there are some. */
  readonly training: EmbeddedPictures | undefined;
  /** What class means are made of. */
  readonly dataset: Dataset;
}

/**
 * Scores real pictures, class means and noise against held-out pictures, as many as generated pictures are to be.
 * @throws Interrupted
 */
export async function measureBaselines(
  { signal, emit }: Pick<StageContext, 'signal' | 'emit'>,
  tensorflow: TensorFlow,
  embedding: Embedding,
  { reference, training, dataset }: BaselineInputs,
): Promise<readonly Baseline[]> {
  const { count, seed } = reference.settings;
  const sizes = reference.classes.map((_, label) => reference.labels.filter(each => each === label).length);
  const labels = labelsOf(proportional(count, sizes));
  const embedded = async (images: Uint8Array): Promise<ScoredPictures> => {
    const { features, probabilities } = await embedPictures(embedding, images, count, signal);
    const named = { name: 'pictures', values: features, count, width: embedding.width };
    return { features: named, probabilities, labels };
  };
  const measured = (name: Baseline['name'], pictures: ScoredPictures, against = reference) => {
    emit({ type: 'progress', done: NAMES.indexOf(name), total: NAMES.length, unit: 'baselines', text: name });
    // Copies would be searched among the very pictures that are scored.
    return measureScores(tensorflow, pictures, { ...against, training: undefined }, signal);
  };
  const { description, pictures, against } = realPictures(training, reference);
  const real = await measured('real', pictures, against);
  const copies = await heldOutCopies(tensorflow, reference, signal);
  const means = await embedded(classMeanPictures(dataset, labels));
  const noise = await embedded(noisePictures(count, dataset.imageBytes, deriveSeed(seed, 'noise')));
  return [
    { name: 'real', description, measured: { ...real, scores: { ...real.scores, ...copies } } },
    {
      name: 'class means',
      description: 'the mean picture of each class',
      measured: await measured('class means', means),
    },
    { name: 'noise', description: 'pixels at random', measured: await measured('noise', noise) },
  ];
}

const NAMES: readonly Baseline['name'][] = ['real', 'class means', 'noise'];

/** Real pictures other than the held-out ones: training pictures, or else one half of the held-out ones against the other. */
function realPictures(training: EmbeddedPictures | undefined, reference: OpenReference) {
  const { count, seed } = reference.settings;
  const draw = (total: number) => new Random(deriveSeed(seed, 'real pictures')).permutation(total);
  if (training !== undefined) {
    const places = draw(training.labels.length).slice(0, count).sort();
    const pictures = somePictures(training, places, 'real pictures');
    return { pictures, against: reference, description: `${grouped(places.length)} training pictures` };
  }
  const order = draw(reference.labels.length);
  const half = Math.floor(order.length / 2);
  return {
    pictures: somePictures(reference, order.slice(0, half).sort(), 'real pictures'),
    against: { ...reference, ...somePictures(reference, order.slice(half).sort(), HELD_OUT) },
    description: `one half of the held-out pictures against the other, ${grouped(half)} each`,
  };
}

/** How many held-out pictures look like copies of training pictures: as many as those of a generator that copies nothing. */
async function heldOutCopies(
  tensorflow: TensorFlow,
  { features, training, settings: { seed } }: OpenReference,
  signal: AbortSignal,
): Promise<MeasuredScores['scores']> {
  if (training === undefined) return {};
  const neighbours = await nearest({ tensorflow, seed, signal }, features, training.features, 1);
  return { copies: suspectedCopies(neighbours, training.distances).share };
}
