/** Pictures that no generator should score worse than, and none can beat: what scores are to be read against. */
import { Random } from '../core/random.ts';
import type { Dataset } from '../data/dataset.ts';

/** Bytes of a picture, each uniform in 0 … 255. `[count, …shape] uint8` */
export function noisePictures(count: number, imageBytes: number, seed: number): Uint8Array {
  const random = new Random(seed);
  return Uint8Array.from({ length: count * imageBytes }, () => random.integer(0, 255));
}

/**
 * For each label the mean picture of its class, of all pictures where the class has none. `[labels.length, H, W, C] uint8`
 * @param labels Indices of the data set's classes.
 */
export function classMeanPictures(dataset: Dataset, labels: Uint8Array): Uint8Array {
  const { imageBytes, artifact } = dataset;
  const means = classMeans(dataset);
  const pictures = new Uint8Array(labels.length * imageBytes);
  labels.forEach((label, index) => {
    pictures.set(means[label % artifact.classes.length] as Uint8Array, index * imageBytes);
  });
  return pictures;
}

function classMeans(dataset: Dataset): readonly Uint8Array[] {
  const { artifact, imageBytes, labels } = dataset;
  const sums = artifact.classes.map(() => new Float64Array(imageBytes));
  const counts = artifact.classes.map(() => 0);
  let index = 0;
  for (const piece of dataset.pieces())
    for (let start = 0; start < piece.length; start += imageBytes, index++) {
      const label = labels[index] as number;
      const sum = sums[label] as Float64Array;
      counts[label] = (counts[label] as number) + 1;
      for (let at = 0; at < imageBytes; at++) sum[at] = (sum[at] as number) + (piece[start + at] as number);
    }
  const all = new Float64Array(imageBytes).map((_, at) =>
    sums.reduce((total, sum) => total + (sum[at] as number), 0),
  );
  return sums.map((sum, label) => {
    const count = counts[label] as number;
    return Uint8Array.from(count === 0 ? all : sum, total => Math.round(total / (count || artifact.count)));
  });
}

/**
 * Numbers of pictures of each class in the proportions of `sizes`, by the largest remainders; their sum is `count`.
 */
export function proportional(count: number, sizes: readonly number[]): readonly number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const exact = sizes.map(size => (count * size) / total);
  const counts = exact.map(Math.floor);
  const missing = count - counts.reduce((sum, each) => sum + each, 0);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((one, other) => other.remainder - one.remainder || one.index - other.index);
  for (const { index } of byRemainder.slice(0, missing)) counts[index] = (counts[index] as number) + 1;
  return counts;
}

/** Labels, class after class. `[sum of counts] uint8` */
export const labelsOf = (counts: readonly number[]): Uint8Array =>
  Uint8Array.from(counts.flatMap((count, label) => new Array<number>(count).fill(label)));
