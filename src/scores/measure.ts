import type { TensorFlow } from '../core/tensorflow.ts';
import type { ScoreName } from './catalogue.ts';
import type { ClassScores, MeasuredScores, NearestPicture } from './measured.ts';
import { suspectedCopies } from './measures/authenticity.ts';
import { classFid, type ClassFid } from './measures/class-fid.ts';
import {
  classDivergence,
  classHistogram,
  inceptionScore,
  labelAccuracy,
  mostProbable,
  PARTS,
} from './measures/classes.ts';
import type { MeasureContext } from './measures/context.ts';
import { fidInfinity, FEWEST_SIZES } from './measures/fid-infinity.ts';
import { fid } from './measures/fid.ts';
import { kid } from './measures/kid.ts';
import { manifoldScores } from './measures/manifold.ts';
import { nearest } from './measures/nearest.ts';
import type { OpenReference, OpenTraining } from './open-reference.ts';
import type { NamedFeatures, Score } from './score.ts';

/** Pictures to score. */
export interface ScoredPictures {
  readonly features: NamedFeatures;
  /** `[count, classes]` */
  readonly probabilities: Float32Array;
  /** The classes that were asked for, as indices of the reference's classes; absent for an unconditional model. */
  readonly labels?: Uint8Array | undefined;
}

type Scores = Partial<Record<ScoreName, Score>>;

/** Features from which on one distance takes half a minute, as those of the Inception network do. */
const WIDE = 1024;
/** Replicates of the bootstrap of FID there. */
const WIDE_REPLICATES = 5;

/** True where only one Fréchet distance is affordable: FID∞ takes some 250 of them, and FID within classes as many. */
const isWide = ({ width }: NamedFeatures): boolean => width >= WIDE;

/**
 * Measures everything that the pictures allow: copies where the reference has training pictures, what has to do with labels where
 * the pictures have some that the classifier knows.
 * @throws Failure for features that are no numbers, and for too few pictures; Interrupted
 */
export async function measureScores(
  tensorflow: Pick<TensorFlow, 'float64'>,
  pictures: ScoredPictures,
  reference: OpenReference,
  signal: AbortSignal,
): Promise<MeasuredScores> {
  const { neighbours, subsets, subsetSize, seed } = reference.settings;
  const context: MeasureContext = { tensorflow, seed, signal };
  const { features } = pictures;
  const within = await withinClasses(context, pictures, reference);
  const copies = reference.training && (await copiesAmong(context, features, reference.training));
  const scores: Scores = {
    kid: await kid(context, reference.features, features, { subsets, subsetSize }),
    fid: await fid(context, reference.features, features, isWide(features) ? WIDE_REPLICATES : undefined),
    ...(features.count >= FEWEST_SIZES &&
      !isWide(features) && {
        fid_infinity: await fidInfinity(context, reference.features, features),
      }),
    ...(within && { class_fid: within.mean }),
    ...(await manifoldScores(context, reference.features, features, neighbours)),
    ...classScores(pictures, reference),
    ...(copies && { copies: copies.share }),
  };
  const classes = classTable(pictures, reference, within);
  return { count: features.count, scores, classes, nearest: copies?.nearest ?? [] };
}

const probabilitiesOf = (
  { features: { name, count } }: Pick<ScoredPictures, 'features'>,
  values: Float32Array,
) => ({
  name,
  count,
  values,
  width: values.length / count,
});

/** Where pictures have labels: undefined where a class has fewer than two pictures on either side. */
async function withinClasses(
  context: MeasureContext,
  { features, labels }: ScoredPictures,
  reference: OpenReference,
): Promise<ClassFid | undefined> {
  if (labels === undefined || isWide(features)) return undefined;
  const sets = [reference.labels, labels];
  const isScarce = reference.classes.some((_, label) => sets.some(set => countOf(set, label) < 2));
  if (isScarce) return undefined;
  const held = { ...reference.features, labels: reference.labels };
  return classFid(context, held, { ...features, labels }, reference.classes, CLASS_REPLICATES);
}

/** Of the bootstrap within each class: the error of the mean comes from all of them. */
const CLASS_REPLICATES = 10;

const countOf = (labels: Uint8Array, label: number): number =>
  labels.reduce((count, each) => count + Number(each === label), 0);

function classScores(pictures: ScoredPictures, reference: OpenReference): Scores {
  const { seed } = reference.settings;
  const probabilities = probabilitiesOf(pictures, pictures.probabilities);
  const asked = pictures.labels && embeddingLabels(pictures.labels, reference);
  return {
    ...(probabilities.count >= PARTS && { inception_score: inceptionScore(probabilities, seed) }),
    ...(asked && { label_accuracy: labelAccuracy(probabilities, asked) }),
    ...(reference.embeddingClasses.length > 0 && {
      class_divergence: classDivergence(
        classHistogram(probabilities),
        classHistogram(probabilitiesOf(reference, reference.probabilities)),
        seed,
      ),
    }),
  };
}

/** Labels as indices of the embedding's classes; undefined where it does not know one of the reference's. */
function embeddingLabels(
  labels: Uint8Array,
  { classes, embeddingClasses }: OpenReference,
): Int32Array | undefined {
  const indices = classes.map(name => embeddingClasses.indexOf(name));
  return indices.includes(-1) ? undefined : Int32Array.from(labels, label => indices[label] as number);
}

/** A row for each class that the embedding knows by name. */
function classTable(
  pictures: ScoredPictures,
  reference: OpenReference,
  within: ClassFid | undefined,
): readonly ClassScores[] {
  const { classes, embeddingClasses } = reference;
  if (embeddingClasses.length === 0) return [];
  const probabilities = probabilitiesOf(pictures, pictures.probabilities);
  const held = probabilitiesOf(reference, reference.probabilities);
  const [seen, expected] = [classHistogram(probabilities), classHistogram(held)];
  const asked = pictures.labels && embeddingLabels(pictures.labels, reference);
  const predicted = mostProbable(probabilities);
  return embeddingClasses.map((name, index) => {
    const own = [...(asked ?? []).keys()].filter(picture => asked?.[picture] === index);
    const right = own.filter(picture => predicted[picture] === index).length;
    const label = classes.indexOf(name);
    const fidWithin = within?.classes[label]?.value;
    return {
      name,
      seen: (seen[index] as number) / probabilities.count,
      expected: (expected[index] as number) / held.count,
      ...(own.length > 0 && { recognised: right / own.length }),
      ...(fidWithin !== undefined && { fid: fidWithin }),
    };
  });
}

async function copiesAmong(context: MeasureContext, features: NamedFeatures, training: OpenTraining) {
  const neighbours = await nearest(context, features, training.features, 1);
  const { share } = suspectedCopies(neighbours, training.distances);
  const all: NearestPicture[] = Array.from({ length: features.count }, (_, picture) => {
    const at = neighbours.indices[picture] as number;
    const own = training.distances[at] as number;
    const distance = neighbours.distances[picture] as number;
    return { picture, nearest: training.indices[at] as number, ratio: ratioOf(distance, own) };
  });
  const closest = all.sort((one, other) => one.ratio - other.ratio).slice(0, MOST_NEAREST);
  return { share, nearest: closest };
}

/** Of two equal training pictures the distance to each other is 0: a copy of one is a copy as well. */
function ratioOf(distance: number, own: number): number {
  if (distance === 0) return 0;
  return own === 0 ? Number.MAX_VALUE : distance / own;
}

/** The closest pictures that are told of. */
const MOST_NEAREST = 20;
