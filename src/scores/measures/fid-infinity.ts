import type { NamedFeatures, Score } from '../score.ts';
import { checkFeatures } from './check.ts';
import type { MeasureContext } from './context.ts';
import { bootstrap } from './fid.ts';
import { frechet, gaussianOf } from './frechet.ts';
import { mean } from './interval.ts';
import { momentsOf } from './moments.ts';
import { countOf, type Rows } from './rows.ts';
import type { Random } from '../../core/random.ts';

/** Sizes at which FID is computed. */
const SIZES = 15;

/** Replicates of the bootstrap, of which each takes 15 distances: its standard error is right to within 18 %. */
const REPLICATES = 15;

/** Pictures that 15 different sizes take. */
export const FEWEST_SIZES = 2 * SIZES;

/**
 * FID of infinitely many generated pictures (Chong & Forsyth 2020): the intercept of a line through FID over 1/N, for 15 numbers
 * N of pictures, evenly spaced, each of a random subset. The reference's own bias remains. It may be below zero, by chance.
 */
export async function fidInfinity(
  context: MeasureContext,
  reference: NamedFeatures,
  generated: NamedFeatures,
  replicates = REPLICATES,
): Promise<Score> {
  checkFeatures('FID∞', FEWEST_SIZES, reference, generated);
  const samples = [{ features: reference }, { features: generated }] as const;
  return bootstrap(context, 'fid-infinity', samples, replicates, (...sets) => extrapolate(context, ...sets));
}

async function extrapolate(
  context: MeasureContext,
  reference: Rows,
  generated: Rows,
  random: Random,
): Promise<number> {
  const gaussian = gaussianOf(context.tensorflow, await momentsOf(context, reference));
  const count = countOf(generated);
  const sizes = sizesOf(count, generated.features.width);
  const distances: number[] = [];
  for (const size of sizes) {
    const order = random.permutation(count).subarray(0, size);
    if (generated.order !== undefined)
      order.forEach((row, at) => (order[at] = generated.order?.[row] ?? row));
    const moments = await momentsOf(context, { features: generated.features, order });
    distances.push(frechet(context.tensorflow, gaussian, moments));
  }
  return intercept(
    sizes.map(size => 1 / size),
    distances,
  );
}

/**
 * Sizes from a tenth of the pictures, as in the published code (5,000 of 50,000), but from four pictures a feature where that is more
 * and not above half of them: with fewer, FID is no longer linear in 1/N.
 */
export function sizesOf(count: number, width: number): readonly number[] {
  const least = Math.min(count / 2, Math.max(count / 10, 4 * width));
  return Array.from({ length: SIZES }, (_, at) => Math.floor(least + ((count - least) * at) / (SIZES - 1)));
}

/** Where the least-squares line through points meets x = 0. */
export function intercept(x: readonly number[], y: readonly number[]): number {
  const [centreX, centreY] = [mean(x), mean(y)];
  const products = x.reduce((sum, value, at) => sum + (value - centreX) * ((y[at] as number) - centreY), 0);
  const squares = x.reduce((sum, value) => sum + (value - centreX) ** 2, 0);
  return centreY - (products / squares) * centreX;
}
