import { deriveSeed, Random } from '../../core/random.ts';
import type { NamedFeatures, Score } from '../score.ts';
import { checkCount, checkFeatures } from './check.ts';
import { around, deviation, meanOfFew, share } from './interval.ts';

/** Parts of the pictures that the inception score is the mean of. */
export const PARTS = 10;

/** Probabilities of classes: a row `[width] float32` of each picture, `width` being the number of classes. */
export type Probabilities = NamedFeatures;

/**
 * Inception score (Salimans et al. 2016) with the probabilities of any classifier: exp of the mean KL divergence (nats) of a
 * picture's classes from those of all pictures, from 1 to the number of classes. Mean of 10 parts as published, of pictures in
 * random order, since pictures may be in the order of their classes; the interval is that of the mean of the parts.
 */
export function inceptionScore(probabilities: Probabilities, seed: number, parts = PARTS): Score {
  checkFeatures('The inception score', parts, probabilities);
  const { count, width } = probabilities;
  const order = new Random(deriveSeed(seed, 'inception-score')).permutation(count);
  const scores = Array.from({ length: parts }, (_, part) =>
    scoreOf(
      probabilities,
      order.subarray(Math.floor((part * count) / parts), Math.floor(((part + 1) * count) / parts)),
    ),
  );
  return meanOfFew(scores, { low: 1, high: width });
}

function scoreOf({ values, width }: Probabilities, pictures: Uint32Array): number {
  const marginal = new Float64Array(width);
  for (const picture of pictures)
    for (let label = 0; label < width; label++)
      marginal[label] =
        (marginal[label] as number) + (values[picture * width + label] as number) / pictures.length;
  let sum = 0;
  for (const picture of pictures)
    for (let label = 0; label < width; label++) {
      const p = values[picture * width + label] as number;
      if (p > 0) sum += p * Math.log(p / (marginal[label] as number));
    }
  return Math.exp(sum / pictures.length);
}

/**
 * The share of generated pictures of which the classifier's most probable class is the one that was asked for (GAN-test: Shmelkov et al.
 * 2018).
 * @param labels `[count]`, the classes asked for
 */
export function labelAccuracy(probabilities: Probabilities, labels: ArrayLike<number>): Score {
  checkFeatures('The accuracy of labels', 1, probabilities);
  const predicted = mostProbable(probabilities);
  return share(predicted.filter((label, picture) => label === labels[picture]).length, probabilities.count);
}

/** How many pictures have each class as the most probable one. */
export function classHistogram(probabilities: Probabilities): Uint32Array {
  checkFeatures('The histogram of classes', 1, probabilities);
  const counts = new Uint32Array(probabilities.width);
  for (const label of mostProbable(probabilities)) counts[label] = (counts[label] as number) + 1;
  return counts;
}

/** The most probable class of each picture; of equal ones the first. */
export function mostProbable({ values, count, width }: Probabilities): Int32Array {
  return Int32Array.from({ length: count }, (_, picture) => {
    const row = values.subarray(picture * width, (picture + 1) * width);
    return row.indexOf(Math.max(...row));
  });
}

/** Replicates of the bootstrap of a histogram. */
const REPLICATES = 200;

/**
 * KL divergence (nats) of a histogram of classes from that of the reference, or from equal shares without one: 0 where they are
 * equal. Half a picture is added to each class of the reference, so that one which it lacks costs much and not infinity. The interval
 * is the standard error of a bootstrap, around the value.
 */
export function classDivergence(
  histogram: Uint32Array,
  reference: Uint32Array | undefined,
  seed: number,
): Score {
  const count = total(histogram);
  checkCount('The divergence of classes', 'generated pictures', count, 1);
  const expected = reference ?? new Uint32Array(histogram.length);
  const all = total(expected) + histogram.length / 2;
  const shares = Array.from(expected, pictures => (pictures + 0.5) / all);
  const random = new Random(deriveSeed(seed, 'class-divergence'));
  const replicates = Array.from({ length: REPLICATES }, () =>
    divergence(redraw(histogram, count, random), shares),
  );
  return around(divergence(histogram, shares), deviation(replicates), { low: 0 });
}

function divergence(histogram: ArrayLike<number>, shares: readonly number[]): number {
  const counts = Array.from(histogram);
  const count = total(counts);
  return counts.reduce((sum, pictures, label) => {
    const p = pictures / count;
    return p > 0 ? sum + p * Math.log(p / (shares[label] as number)) : sum;
  }, 0);
}

/** A histogram of as many pictures, drawn with the shares of one. */
function redraw(histogram: Uint32Array, count: number, random: Random): Uint32Array {
  const ends: number[] = [];
  for (const pictures of histogram) ends.push((ends.at(-1) ?? 0) + pictures);
  const drawn = new Uint32Array(histogram.length);
  for (let picture = 0; picture < count; picture++) {
    const at = random.integer(0, count - 1);
    const label = ends.findIndex(end => at < end);
    drawn[label] = (drawn[label] as number) + 1;
  }
  return drawn;
}

const total = (counts: ArrayLike<number>): number =>
  Array.from(counts).reduce((sum, count) => sum + count, 0);
