import type { Float64Algebra, Matrix } from '../core/tensorflow.ts';
import type { NativeAttribute, NativeBinding } from './binding.ts';

/** TensorFlow's number for float64, which the addon does not name. */
const DOUBLE = 2;

/** The 32-bit halves of a float64: the addon neither takes nor returns float64, and Bitcast makes one of the other. */
const HALVES = 2;

interface NativeMatrix extends Matrix {
  readonly id: number;
}

/** `TensorFlow.float64` by operations of the native library, executed one by one. */
export function nativeFloat64<T>(binding: NativeBinding, run: (algebra: Float64Algebra) => T): T {
  const made = new Set<number>();
  try {
    return run(algebraOf(binding, made));
  } finally {
    for (const id of made) binding.deleteTensor(id);
  }
}

/** @param made Takes up the ids of tensors that have to be deleted */
function algebraOf(binding: NativeBinding, made: Set<number>): Float64Algebra {
  const { TF_INT32, TF_BOOL, TF_ATTR_TYPE, TF_ATTR_BOOL } = binding;
  const type = (name: string, value: number): NativeAttribute => ({ name, type: TF_ATTR_TYPE, value });
  const flag = (name: string, value: boolean): NativeAttribute => ({ name, type: TF_ATTR_BOOL, value });
  const keep = (id: number): number => {
    made.add(id);
    return id;
  };
  const execute = (name: string, attributes: NativeAttribute[], inputs: number[], outputs = 1): number[] =>
    binding.executeOp(name, attributes, inputs, outputs).map(({ id }) => keep(id));
  const one = (...args: Parameters<typeof execute>): number => execute(...args)[0] as number;
  const int32 = (id: number) => binding.tensorDataSync(id) as Int32Array;
  const scalar = (value: number) => keep(binding.createTensor([], TF_INT32, Int32Array.of(value)));
  const float64 = (id: number): Float64Array => {
    const halves = int32(one('Bitcast', [type('T', DOUBLE), type('type', TF_INT32)], [id]));
    return new Float64Array(halves.buffer, halves.byteOffset, halves.length / HALVES);
  };
  const idOf = (matrix: Matrix) => (matrix as NativeMatrix).id;
  const eigen = (matrix: Matrix, vectors: boolean) =>
    execute('SelfAdjointEigV2', [flag('compute_v', vectors), type('T', DOUBLE)], [idOf(matrix)], 2);
  const sum = (counts: number, axis: number) => {
    const attributes = [flag('keep_dims', false), type('T', TF_INT32), type('Tidx', TF_INT32)];
    return int32(one('Sum', attributes, [counts, scalar(axis)]));
  };
  return {
    matrix: (values, rows) => {
      const columns = values.length / rows;
      const halves = new Int32Array(values.buffer, values.byteOffset, HALVES * values.length);
      const shared = keep(binding.createTensor([rows, columns, HALVES], TF_INT32, halves));
      return { rows, columns, id: one('Bitcast', [type('T', TF_INT32), type('type', DOUBLE)], [shared]) };
    },

    values: matrix => float64(idOf(matrix)),

    product: (a, b, transposed) => {
      const attributes = [
        flag('transpose_a', transposed === 'a'),
        flag('transpose_b', transposed === 'b'),
        type('T', DOUBLE),
      ];
      const id = one('MatMul', attributes, [idOf(a), idOf(b)]);
      return {
        rows: transposed === 'a' ? a.columns : a.rows,
        columns: transposed === 'b' ? b.rows : b.columns,
        id,
      };
    },

    eigenvalues: symmetric => float64(eigen(symmetric, false)[0] as number),

    eigenvectors: symmetric => {
      const [values, vectors] = eigen(symmetric, true) as [number, number];
      return { eigenvalues: float64(values), vectors: { ...symmetric, id: vectors } };
    },

    largest: (matrix, count) => {
      const attributes = [
        flag('sorted', true),
        type('T', DOUBLE),
        type('Tk', TF_INT32),
        type('index_type', TF_INT32),
      ];
      const [values, columns] = execute('TopKV2', attributes, [idOf(matrix), scalar(count)], 2) as [
        number,
        number,
      ];
      return { values: float64(values), columns: int32(columns) };
    },

    countAbove: (matrix, thresholds) => {
      const above = one('Greater', [type('T', DOUBLE)], [idOf(matrix), idOf(thresholds)]);
      const cast = [type('SrcT', TF_BOOL), type('DstT', TF_INT32), flag('Truncate', false)];
      const counts = one('Cast', cast, [above]);
      return { ofRows: sum(counts, 1), ofColumns: sum(counts, 0) };
    },
  };
}
