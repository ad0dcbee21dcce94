import type { Random } from '../core/random.ts';
import type { Marginal } from './marginals.ts';
import { marginalOf, pickWeighted } from './marginals.ts';
import type { Dimension, Point, Space } from './space.ts';
import { makePoint } from './space.ts';

/** A mixture of kernels, one per observed point and one for the prior, each a product over the dimensions. */
export interface Parzen {
  draw(random: Random): Point;
  /** Up to a constant of the space. */
  logDensity(point: Point): number;
}

/**
 * The multivariate Parzen estimator of Optuna's TPE: truncated normals on the scale of each range, as wide as the distances to their
 * neighbours; equal weights, falling with age for all but the last 25 points. A kernel whose point has no value for a
 * dimension, since a condition was not met, has the prior there.
 */
export function parzen(space: Space, points: readonly Point[]): Parzen {
  const weights = [...weightsOf(points.length), 1];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const marginals = new Map(space.map(dimension => [dimension.name, marginalOf(dimension, points)]));
  const marginal = ({ name }: Dimension) => marginals.get(name) as Marginal;
  return {
    draw(random) {
      const kernel = pickWeighted(weights, total, random);
      return makePoint(space, dimension => marginal(dimension).draw(kernel, random));
    },
    logDensity(point) {
      const logs = Float64Array.from(weights, weight => Math.log(weight / total));
      for (const dimension of space) {
        if (!Object.hasOwn(point, dimension.name)) continue;
        marginal(dimension).addLogs(point[dimension.name], logs);
      }
      return logSumExp(logs);
    },
  };
}

/** Of points in the order of their age, the oldest first. */
function weightsOf(count: number): readonly number[] {
  const old = Math.max(0, count - 25);
  const rise = (at: number) => (old === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * at) / (old - 1));
  return Array.from({ length: count }, (_, at) => (at < old ? rise(at) : 1));
}

function logSumExp(logs: Float64Array): number {
  const most = logs.reduce((left, right) => Math.max(left, right));
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
}
