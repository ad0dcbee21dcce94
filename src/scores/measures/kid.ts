import { deriveSeed, Random } from '../../core/random.ts';
import type { NamedFeatures, Score } from '../score.ts';
import { checkFeatures } from './check.ts';
import { pause, type MeasureContext } from './context.ts';
import { around, deviation, mean } from './interval.ts';
import { countOf, offsetOf, pieces, subset, type Rows } from './rows.ts';

export interface KidSettings {
  readonly subsets?: number;
  /** Pictures of a subset; half of the pictures where there are not twice as many. */
  readonly subsetSize?: number;
}

/** Pictures of each set that two subsets of two take. */
export const FEWEST_PICTURES = 4;

/** Values of a piece of a kernel's matrix: 8 MB. */
const PIECE = 2 ** 20;

/**
 * Kernel inception distance (Bińkowski et al. 2018): the mean of an unbiased estimate of MMD² with the kernel (x·y / width + 1)³ over
 * random subsets, 50 of 1,000 pictures as published. Its expected value is 0 for equal distributions, whatever the number of
 * pictures, so a value may be below zero, and scores of different numbers can be compared.
 *
 * The published error, deviation / √subsets, takes the subsets for independent, while they share pictures. The interval is that of
 * the delete-d jackknife (Shao & Wu 1989), deviation · √(m / (N − m)) for subsets of m of N pictures, with the error of the mean of
 * subsets added.
 */
export async function kid(
  context: MeasureContext,
  reference: NamedFeatures,
  generated: NamedFeatures,
  { subsets = 50, subsetSize = 1000 }: KidSettings = {},
): Promise<Score> {
  checkFeatures('KID', FEWEST_PICTURES, reference, generated);
  const least = Math.min(reference.count, generated.count);
  const size = Math.max(2, Math.min(subsetSize, Math.floor(least / 2)));
  const random = new Random(deriveSeed(context.seed, 'kid'));
  const estimates: number[] = [];
  while (estimates.length < subsets)
    estimates.push(
      await squaredMmd(
        context,
        subset({ features: reference }, size, random),
        subset({ features: generated }, size, random),
      ),
    );
  const error = deviation(estimates) * Math.sqrt(size / (least - size) + 1 / subsets);
  return around(mean(estimates), error);
}

/** The unbiased estimate of MMD² (Gretton et al. 2012, lemma 6) with KID's kernel. */
export async function squaredMmd(context: MeasureContext, x: Rows, y: Rows): Promise<number> {
  const [m, n] = [countOf(x), countOf(y)];
  const ofX = await kernelSum(context, x);
  const ofY = await kernelSum(context, y);
  const between = await kernelSum(context, x, y);
  return ofX / (m * (m - 1)) + ofY / (n * (n - 1)) - (2 * between) / (m * n);
}

/** The kernel's sum over all pairs; within one set without those of a picture and itself. */
async function kernelSum(context: MeasureContext, x: Rows, other?: Rows): Promise<number> {
  const y = other ?? x;
  const columns = countOf(y);
  const right = extended(y, 0, columns, 1);
  let sum = 0;
  for (const { from, to } of pieces(countOf(x), Math.max(1, Math.floor(PIECE / columns)))) {
    // Products with the extended rows are x·y / width + 1.
    const left = extended(x, from, to, 1 / x.features.width);
    const bases = context.tensorflow.float64(algebra =>
      algebra.values(algebra.product(algebra.matrix(left, to - from), algebra.matrix(right, columns), 'b')),
    );
    for (let at = 0; at < bases.length; at++) sum += cube(bases[at] as number);
    if (other === undefined)
      for (let row = from; row < to; row++) sum -= cube(bases[(row - from) * columns + row] as number);
    await pause(context);
  }
  return sum;
}

/** By products: a power takes ten times as long. */
const cube = (x: number): number => x * x * x;

/** Rows times a factor, each with a 1 after it. */
function extended(rows: Rows, from: number, to: number, factor: number): Float64Array {
  const { values, width } = rows.features;
  const result = new Float64Array((to - from) * (width + 1));
  for (let row = from, at = 0; row < to; row++) {
    const offset = offsetOf(rows, row);
    for (let column = 0; column < width; column++)
      result[at++] = (values[offset + column] as number) * factor;
    result[at++] = 1;
  }
  return result;
}
