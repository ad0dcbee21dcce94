import { deriveSeed, Random } from '../../core/random.ts';
import type { NamedFeatures, Score } from '../score.ts';
import { checkFeatures } from './check.ts';
import type { MeasureContext } from './context.ts';
import { frechet, gaussianOf } from './frechet.ts';
import { around, deviation } from './interval.ts';
import { momentsOf } from './moments.ts';
import { resample, type Rows } from './rows.ts';

/** Replicates of a bootstrap: its standard error is then right to within 16 %. */
export const REPLICATES = 20;

/** A distance of two samples that is estimated from their rows. */
export type Distance = (reference: Rows, generated: Rows, random: Random) => Promise<number>;

/**
 * Fréchet inception distance (Heusel et al. 2017) of features: 0 for equal means and covariances, without unit and without upper
 * limit. It falls with the number of pictures (bias of order 1/N), so that scores of different numbers cannot be compared.
 * Two pictures of each set or more; with fewer pictures than features it is finite and large.
 */
export async function fid(
  context: MeasureContext,
  reference: NamedFeatures,
  generated: NamedFeatures,
  replicates = REPLICATES,
): Promise<Score> {
  checkFeatures('FID', 2, reference, generated);
  const samples = [{ features: reference }, { features: generated }] as const;
  return bootstrap(context, 'fid', samples, replicates, (...[from, to]) => distanceOf(context, from, to), {
    low: 0,
  });
}

/** FID of rows. */
export async function distanceOf(context: MeasureContext, reference: Rows, generated: Rows): Promise<number> {
  const gaussian = gaussianOf(context.tensorflow, await momentsOf(context, reference));
  return frechet(context.tensorflow, gaussian, await momentsOf(context, generated));
}

/**
 * A distance with its standard error by a bootstrap of both sets, around the value itself: a replicate of FID has fewer distinct
 * pictures and so a larger distance, and percentiles of replicates would lie above the value.
 * @param name Of the stream of random numbers
 */
export async function bootstrap(
  { seed }: MeasureContext,
  name: string,
  [reference, generated]: readonly [Rows, Rows],
  replicates: number,
  distance: Distance,
  limits: { readonly low?: number } = {},
): Promise<Score> {
  const random = new Random(deriveSeed(seed, name));
  const value = await distance(reference, generated, random);
  const estimates: number[] = [];
  while (estimates.length < replicates)
    estimates.push(await distance(resample(reference, random), resample(generated, random), random));
  return around(value, deviation(estimates), limits);
}
