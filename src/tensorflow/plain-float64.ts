import type { Float64Algebra, Matrix } from '../core/tensorflow.ts';
import { jacobi } from './jacobi.ts';

interface PlainMatrix extends Matrix {
  readonly values: Float64Array;
}

const plain = (matrix: Matrix): PlainMatrix => matrix as PlainMatrix;

/** `TensorFlow.float64` in plain TypeScript, on one thread. */
export const plainFloat64: Float64Algebra = {
  matrix: (values, rows): PlainMatrix => ({ rows, columns: values.length / rows, values }),

  values: matrix => plain(matrix).values.slice(),

  product: (a, b, transposed): PlainMatrix =>
    multiply(
      transposed === 'a' ? transpose(plain(a)) : plain(a),
      transposed === 'b' ? transpose(plain(b)) : plain(b),
    ),

  eigenvalues: symmetric => jacobi(plain(symmetric).values, symmetric.rows).eigenvalues,

  eigenvectors: symmetric => {
    const { eigenvalues, vectors } = jacobi(plain(symmetric).values, symmetric.rows);
    const matrix: PlainMatrix = { ...symmetric, values: vectors };
    return { eigenvalues, vectors: matrix };
  },

  largest: (matrix, count) => {
    const { rows, columns, values } = plain(matrix);
    const best = { values: new Float64Array(rows * count), columns: new Int32Array(rows * count) };
    for (let row = 0; row < rows; row++) {
      const of = values.subarray(row * columns, (row + 1) * columns);
      const order = Int32Array.from(of.keys()).sort((i, j) => (of[j] as number) - (of[i] as number) || i - j);
      for (let rank = 0; rank < count; rank++) {
        const column = order[rank] as number;
        best.columns[row * count + rank] = column;
        best.values[row * count + rank] = of[column] as number;
      }
    }
    return best;
  },

  countAbove: (matrix, thresholds) => {
    const { rows, columns, values } = plain(matrix);
    const limits = plain(thresholds).values;
    const isByRow = thresholds.columns === 1;
    const counts = { ofRows: new Int32Array(rows), ofColumns: new Int32Array(columns) };
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const limit = limits[isByRow ? row : column] as number;
        if ((values[row * columns + column] as number) <= limit) continue;
        counts.ofRows[row] = (counts.ofRows[row] as number) + 1;
        counts.ofColumns[column] = (counts.ofColumns[column] as number) + 1;
      }
    return counts;
  },
};

function multiply(a: PlainMatrix, b: PlainMatrix): PlainMatrix {
  const { rows, columns: inner } = a;
  const { columns } = b;
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const result = values.subarray(row * columns, (row + 1) * columns);
    for (let k = 0; k < inner; k++) {
      const factor = a.values[row * inner + k] as number;
      const other = b.values.subarray(k * columns, (k + 1) * columns);
      for (let column = 0; column < columns; column++)
        result[column] = (result[column] as number) + factor * (other[column] as number);
    }
  }
  return { rows, columns, values };
}

function transpose({ rows, columns, values }: PlainMatrix): PlainMatrix {
  const transposed = new Float64Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      transposed[column * rows + row] = values[row * columns + column] as number;
  return { rows: columns, columns: rows, values: transposed };
}
