import { pause, type MeasureContext } from './context.ts';
import { countOf, offsetOf, pieces, type Rows } from './rows.ts';

/** Mean `[W]` and covariance `[W, W]` (divided by N − 1, as `numpy.cov` does) in float64. */
export interface Moments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/** Values of a piece that is held in float64: 32 MB. */
const PIECE = 2 ** 22;

/** Moments of two rows or more. */
export async function momentsOf(context: MeasureContext, rows: Rows): Promise<Moments> {
  const { width } = rows.features;
  const count = countOf(rows);
  const mean = meanOf(rows);
  const covariance = new Float64Array(width * width);
  for (const { from, to } of pieces(count, Math.max(1, Math.floor(PIECE / width)))) {
    const centred = centre(rows, mean, from, to);
    const products = context.tensorflow.float64(algebra => {
      const matrix = algebra.matrix(centred, to - from);
      return algebra.values(algebra.product(matrix, matrix, 'a'));
    });
    for (let at = 0; at < products.length; at++)
      covariance[at] = (covariance[at] as number) + (products[at] as number) / (count - 1);
    await pause(context);
  }
  return { mean, covariance };
}

function meanOf(rows: Rows): Float64Array {
  const { values, width } = rows.features;
  const count = countOf(rows);
  const sums = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    const offset = offsetOf(rows, row);
    for (let column = 0; column < width; column++)
      sums[column] = (sums[column] as number) + (values[offset + column] as number);
  }
  return sums.map(sum => sum / count);
}

/** Rows less the mean, before anything is multiplied: a difference of large sums would lose digits. */
function centre(rows: Rows, mean: Float64Array, from: number, to: number): Float64Array {
  const { values, width } = rows.features;
  const centred = new Float64Array((to - from) * width);
  for (let row = from, at = 0; row < to; row++) {
    const offset = offsetOf(rows, row);
    for (let column = 0; column < width; column++, at++)
      centred[at] = (values[offset + column] as number) - (mean[column] as number);
  }
  return centred;
}
