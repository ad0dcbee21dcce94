import type { NamedFeatures, Score } from '../score.ts';
import { checkFeatures } from './check.ts';
import type { MeasureContext } from './context.ts';
import { eachTile, largestNorm, ROUNDING } from './distance-tiles.ts';
import { meanOf, share } from './interval.ts';
import { nearestOthers } from './nearest.ts';

/** How two sets of pictures cover each other; each is 1 at best, but for density, which may be above. */
export interface ManifoldScores {
  /** Share of generated pictures that lie among the reference pictures: are they good? */
  readonly precision: Score;
  /** Share of reference pictures that lie among the generated ones: are all kinds there? */
  readonly recall: Score;
  /** How many reference pictures a generated one lies close to, in parts of k: precision that outliers change little. */
  readonly density: Score;
  /** Share of reference pictures with a generated one close to them: recall that outliers change little. */
  readonly coverage: Score;
}

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020), as the authors' package
 * `prdc` defines them. A picture is close to another one when it is nearer than that one's k-th nearest of its own set. At least
 * k + 1 pictures of each set. The intervals are those of shares and means of pictures, with the distances to the k-th nearest held fixed.
 */
export async function manifoldScores(
  context: MeasureContext,
  reference: NamedFeatures,
  generated: NamedFeatures,
  k = 5,
): Promise<ManifoldScores> {
  checkFeatures(`Precision and recall with k = ${k}`, k + 1, reference, generated);
  const rounding = ROUNDING * Math.max(largestNorm(reference), largestNorm(generated));
  const limits = {
    reference: limitsOf(await radii(context, reference, k), rounding),
    generated: limitsOf(await radii(context, generated, k), rounding),
  };
  /** For each generated picture, reference pictures that it is close to; and for each reference picture, generated ones close to it. */
  const close = { generated: new Uint32Array(generated.count), reference: new Uint32Array(reference.count) };
  /** For each reference picture, generated ones that it is close to. */
  const among = new Uint32Array(reference.count);
  await eachTile(context, reference, generated, (algebra, { negated, row, column }) => {
    const rows = algebra.matrix(limits.reference.slice(row, row + negated.rows), negated.rows);
    const columns = algebra.matrix(limits.generated.slice(column, column + negated.columns), 1);
    const ofReference = algebra.countAbove(negated, rows);
    add(close.reference, ofReference.ofRows, row);
    add(close.generated, ofReference.ofColumns, column);
    add(among, algebra.countAbove(negated, columns).ofRows, row);
  });
  return {
    precision: share(positive(close.generated), generated.count),
    recall: share(positive(among), reference.count),
    density: meanOf(
      Float64Array.from(close.generated, count => count / k),
      { low: 0 },
    ),
    coverage: share(positive(close.reference), reference.count),
  };
}

/** Distances to the k-th nearest other. */
async function radii(context: MeasureContext, features: NamedFeatures, k: number): Promise<Float64Array> {
  const { distances } = await nearestOthers(context, features, k);
  return Float64Array.from({ length: features.count }, (_, row) => distances[row * k + k - 1] as number);
}

/** What −d² is above for a distance d less than the radius by more than rounding: with a radius of 0, no picture is close. */
const limitsOf = (distances: Float64Array, rounding: number): Float64Array =>
  distances.map(radius => rounding - radius * radius);

function add(sums: Uint32Array, counts: Int32Array, offset: number): void {
  counts.forEach((count, at) => (sums[offset + at] = (sums[offset + at] as number) + count));
}

const positive = (counts: Uint32Array): number => counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
