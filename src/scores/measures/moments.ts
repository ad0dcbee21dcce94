import { pause, type MeasureContext } from './context.ts';
import { countOf, offsetOf, pieces, type Rows } from './rows.ts';

/** Mean `[W]` and covariance `[W, W]` (divided by N − 1, as `numpy.cov` does) in float64. */
export interface Moments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/** Values of a piece that is held in float64: 32 MB. */
const PIECE = 2 ** 22;

/**
 * Moments of two rows or more, from sums and products of differences from the first row: differences, since those of large sums would
 * lose digits, and from a row of the set, since that takes one pass instead of two.
 */
export async function momentsOf(context: MeasureContext, rows: Rows): Promise<Moments> {
  const { values, width } = rows.features;
  const count = countOf(rows);
  const origin = values.subarray(offsetOf(rows, 0), offsetOf(rows, 0) + width);
  const side = width + 1;
  const products = new Float64Array(side * side);
  for (const { from, to } of pieces(count, Math.max(1, Math.floor(PIECE / side)))) {
    const extended = differences(rows, origin, from, to);
    const more = context.tensorflow.float64(algebra => {
      const matrix = algebra.matrix(extended, to - from);
      return algebra.values(algebra.product(matrix, matrix, 'a'));
    });
    for (let at = 0; at < more.length; at++) products[at] = (products[at] as number) + (more[at] as number);
    await pause(context);
  }
  return fromProducts(products, origin, count);
}

/** Rows less the first one, each with a 1 after it, so that their products with each other have their sums beside them. */
function differences(rows: Rows, origin: Float32Array, from: number, to: number): Float64Array {
  const { values, width } = rows.features;
  const result = new Float64Array((to - from) * (width + 1));
  for (let row = from, at = 0; row < to; row++) {
    const offset = offsetOf(rows, row);
    for (let column = 0; column < width; column++)
      result[at++] = (values[offset + column] as number) - (origin[column] as number);
    result[at++] = 1;
  }
  return result;
}

function fromProducts(products: Float64Array, origin: Float32Array, count: number): Moments {
  const width = origin.length;
  const sums = products.subarray(width * (width + 1));
  const covariance = new Float64Array(width * width);
  for (let row = 0, at = 0; row < width; row++) {
    const share = (sums[row] as number) / count;
    for (let column = 0; column < width; column++, at++)
      covariance[at] =
        ((products[row * (width + 1) + column] as number) - share * (sums[column] as number)) / (count - 1);
  }
  return { mean: Float64Array.from(origin, (value, at) => value + (sums[at] as number) / count), covariance };
}
