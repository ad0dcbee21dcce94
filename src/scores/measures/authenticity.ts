import type { NamedFeatures, Score } from '../score.ts';
import type { MeasureContext } from './context.ts';
import { share } from './interval.ts';
import { nearestOthers, type Neighbours } from './nearest.ts';

/** Pictures that may be copies of training pictures. */
export interface Copies {
  /** The share of generated pictures under suspicion. */
  readonly share: Score;
  /** Their indices. */
  readonly suspects: Uint32Array;
}

/** The distance of each training picture to its nearest other one, which `suspectedCopies` takes. */
export async function ownDistances(context: MeasureContext, training: NamedFeatures): Promise<Float64Array> {
  return (await nearestOthers(context, training, 1)).distances;
}

/**
 * Suspected copies by authenticity (Alaa et al. 2022, section 3.3): generated pictures no farther from the nearest training picture
 * than that one is from its own nearest other one. A generator that has learned the distribution and copies nothing has about half of
 * its pictures under suspicion, so compare with held-out pictures.
 * @param neighbours Of the generated pictures among the training pictures, by `nearest`
 * @param own Distances of all training pictures to their nearest others
 */
export function suspectedCopies({ k, indices, distances }: Neighbours, own: Float64Array): Copies {
  const count = indices.length / k;
  const suspects = Uint32Array.from(
    Array.from({ length: count }, (_, picture) => picture).filter(
      picture => (distances[picture * k] as number) <= (own[indices[picture * k] as number] as number),
    ),
  );
  return { share: share(suspects.length, count), suspects };
}
