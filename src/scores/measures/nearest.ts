import type { Features, NamedFeatures } from '../score.ts';
import { checkFeatures } from './check.ts';
import type { MeasureContext } from './context.ts';
import { eachTile } from './distance-tiles.ts';

/** The k nearest points of each query, the nearest first. */
export interface Neighbours {
  readonly k: number;
  /** `[queries, k]`: indices of points. */
  readonly indices: Int32Array;
  /** `[queries, k]`: Euclidean distances of features. */
  readonly distances: Float64Array;
}

/** The k nearest of the points to each query, such as training pictures to each generated one. At least k points. */
export async function nearest(
  context: MeasureContext,
  queries: NamedFeatures,
  points: NamedFeatures,
  k: number,
): Promise<Neighbours> {
  checkFeatures('The search of nearest pictures', 1, queries, points);
  checkFeatures(`The search of ${k} nearest pictures`, k, points);
  return neighboursOf(queries, points, k, await candidates(context, queries, points, k));
}

/** The k nearest others of each picture in its own set. At least k + 1 pictures. */
export async function nearestOthers(
  context: MeasureContext,
  features: NamedFeatures,
  k: number,
): Promise<Neighbours> {
  checkFeatures(`The search of ${k} nearest others`, k + 1, features);
  const found = await candidates(context, features, features, k + 1);
  // Among equal pictures, a picture need not be the first of its own neighbours, nor one of the first k + 1.
  const others = new Int32Array(features.count * k);
  for (let row = 0; row < features.count; row++) {
    const own = found.subarray(row * (k + 1), (row + 1) * (k + 1));
    const at = own.indexOf(row);
    others.set(
      own.filter((_, rank) => rank !== (at === -1 ? k : at)),
      row * k,
    );
  }
  return neighboursOf(features, features, k, others);
}

/** Indices of the k nearest points of each query. */
async function candidates(
  context: MeasureContext,
  queries: Features,
  points: Features,
  k: number,
): Promise<Int32Array> {
  const indices = new Int32Array(queries.count * k);
  const closeness = new Float64Array(queries.count * k).fill(-Infinity);
  await eachTile(context, queries, points, (algebra, { negated, row, column }) => {
    const count = Math.min(k, negated.columns);
    const { values, columns } = algebra.largest(negated, count);
    for (let query = 0; query < negated.rows; query++)
      for (let rank = 0; rank < count; rank++) {
        const at = query * count + rank;
        const own = (row + query) * k;
        if ((values[at] as number) <= (closeness[own + k - 1] as number)) break;
        insert(closeness, indices, own, own + k - 1, values[at] as number, column + (columns[at] as number));
      }
  });
  return indices;
}

/** Puts a value and its index in their place between `first` and `last`, of which the last one is dropped. */
function insert(
  values: Float64Array,
  indices: Int32Array,
  first: number,
  last: number,
  value: number,
  index: number,
): void {
  let at = last;
  for (; at > first && (values[at - 1] as number) < value; at--) {
    values[at] = values[at - 1] as number;
    indices[at] = indices[at - 1] as number;
  }
  values[at] = value;
  indices[at] = index;
}

/** Distances of candidates from the differences themselves: exact where the tiles' are rounded, such as 0 for equal pictures. */
function neighboursOf(queries: Features, points: Features, k: number, found: Int32Array): Neighbours {
  const indices = new Int32Array(found.length);
  const distances = new Float64Array(found.length);
  for (let query = 0; query < queries.count; query++) {
    const own = Array.from(found.subarray(query * k, (query + 1) * k), index => ({
      index,
      distance: distance(queries, query, points, index),
    }));
    own.sort((one, other) => one.distance - other.distance || one.index - other.index);
    own.forEach((neighbour, rank) => {
      indices[query * k + rank] = neighbour.index;
      distances[query * k + rank] = neighbour.distance;
    });
  }
  return { k, indices, distances };
}

function distance(a: Features, row: number, b: Features, other: number): number {
  const { width } = a;
  let sum = 0;
  for (let column = 0; column < width; column++)
    sum += ((a.values[row * width + column] as number) - (b.values[other * width + column] as number)) ** 2;
  return Math.sqrt(sum);
}
