import type { Float64Algebra, Matrix } from '../../core/tensorflow.ts';
import type { Features } from '../score.ts';
import { pause, type MeasureContext } from './context.ts';
import { pieces } from './rows.ts';

/** Rows and columns of a tile: 17 MB, and 67 MB for its columns' 2,048 features. */
const ROWS = 512;
const COLUMNS = 4096;

/** A part of the matrix of all distances between two sets. */
export interface Tile {
  /** −|a − b|² `[rows, columns]`, to within `rounding` of the squared norms. */
  readonly negated: Matrix;
  /** The first row, an index into a, and the first column, an index into b. */
  readonly row: number;
  readonly column: number;
}

/** Largest error of a squared distance from its tile, in parts of the largest squared norm. */
export const ROUNDING = 1e-13;

/** Computes all squared distances between two sets, tile by tile: memory does not grow with the number of pictures. */
export async function eachTile(
  context: MeasureContext,
  a: Features,
  b: Features,
  use: (algebra: Float64Algebra, tile: Tile) => void,
): Promise<void> {
  for (const columns of pieces(b.count, COLUMNS)) {
    const right = extended(b, columns, 1, norm => [1, norm]);
    for (const rows of pieces(a.count, ROWS)) {
      const left = extended(a, rows, 2, norm => [-norm, -1]);
      context.tensorflow.float64(algebra => {
        // 2ab − |a|² − |b|² as one product.
        const matrices = [
          algebra.matrix(left, rows.to - rows.from),
          algebra.matrix(right, columns.to - columns.from),
        ] as const;
        use(algebra, { negated: algebra.product(...matrices, 'b'), row: rows.from, column: columns.from });
      });
      await pause(context);
    }
  }
}

/** Rows times a factor, each followed by two numbers that depend on its squared norm. */
function extended(
  { values, width }: Features,
  { from, to }: { readonly from: number; readonly to: number },
  factor: number,
  extension: (norm: number) => readonly [number, number],
): Float64Array {
  const result = new Float64Array((to - from) * (width + 2));
  for (let row = from, at = 0; row < to; row++) {
    let norm = 0;
    for (let column = 0; column < width; column++) {
      const value = values[row * width + column] as number;
      norm += value * value;
      result[at++] = value * factor;
    }
    for (const value of extension(norm)) result[at++] = value;
  }
  return result;
}

/** The largest squared norm of any row. */
export function largestNorm({ values, width, count }: Features): number {
  let largest = 0;
  for (let row = 0; row < count; row++) {
    let norm = 0;
    for (let at = row * width; at < (row + 1) * width; at++) norm += (values[at] as number) ** 2;
    largest = Math.max(largest, norm);
  }
  return largest;
}
