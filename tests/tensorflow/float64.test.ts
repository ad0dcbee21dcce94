import { describe, expect, it, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import type { NativeBackend, NativeBinding } from '../../src/tensorflow/binding.ts';
import { nativeFloat64 } from '../../src/tensorflow/float64.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

const native = await testTensorFlow();
// Before the JavaScript backend is loaded and becomes the active one.
const { binding } = native.tf.backend() as unknown as NativeBackend;
const random = new Random(7);
const normals = (count: number) => Float64Array.from({ length: count }, () => random.normal());

describe.each([undefined, 'javascript'] as const)('linear algebra in float64 (%s)', async backend => {
  const tensorflow = backend === undefined ? native : await testTensorFlow(backend);

  it('keeps every bit of what it is given', () => {
    const values = Float64Array.of(1 / 3, -0, Number.MIN_VALUE, 1e300, Math.PI, -1e-300);
    expect(tensorflow.float64(algebra => algebra.values(algebra.matrix(values, 2)))).toEqual(values);
  });

  it('multiplies, with either of the two transposed', () => {
    const [a, b] = [Float64Array.of(1, 2, 3, 4, 5, 6), Float64Array.of(1, 0, 2, -1, 3, 1)];
    tensorflow.float64(algebra => {
      const [wideA, wideB, tallB] = [algebra.matrix(a, 2), algebra.matrix(b, 2), algebra.matrix(b, 3)];
      const product = algebra.product(wideA, tallB);
      expect([product.rows, product.columns]).toEqual([2, 2]);
      expect([...algebra.values(product)]).toEqual([14, 1, 32, 1]);
      expect([...algebra.values(algebra.product(wideA, wideB, 'b'))]).toEqual([7, 8, 16, 17]);
      const gram = algebra.product(wideA, wideB, 'a');
      expect([gram.rows, gram.columns]).toEqual([3, 3]);
      expect([...algebra.values(gram)]).toEqual([-3, 12, 6, -3, 15, 9, -3, 18, 12]);
    });
  });

  it('finds eigenvalues, rising, and eigenvectors, to the precision of float64', () => {
    const n = 40;
    const x = normals(n * 30);
    tensorflow.float64(algebra => {
      const factor = algebra.matrix(x, n);
      const symmetric = algebra.product(factor, factor, 'b');
      const { eigenvalues, vectors } = algebra.eigenvectors(symmetric);
      const largest = eigenvalues[n - 1] as number;
      expect([...eigenvalues].sort((i, j) => i - j)).toEqual([...eigenvalues]);
      const alone = algebra.eigenvalues(symmetric);
      expect(Math.max(...alone.map((value, i) => Math.abs(value - (eigenvalues[i] as number))))).toBeLessThan(
        1e-13 * largest,
      );
      // The rank is 30, so ten are zero.
      expect(Math.max(...eigenvalues.subarray(0, 10).map(Math.abs))).toBeLessThan(1e-13 * largest);
      expect(eigenvalues[10]).toBeGreaterThan(1e-6 * largest);
      const scaled = algebra.values(vectors).map((value, at) => value * (eigenvalues[at % n] as number));
      const again = algebra.values(algebra.product(algebra.matrix(scaled, n), vectors, 'b'));
      const wanted = algebra.values(symmetric);
      expect(Math.max(...again.map((value, i) => Math.abs(value - (wanted[i] as number))))).toBeLessThan(
        1e-12 * largest,
      );
    });
  });

  it('finds the largest of each row', () => {
    const values = Float64Array.of(3, 9, 1, 7, -2, -8, -1, -2.5);
    expect(tensorflow.float64(algebra => algebra.largest(algebra.matrix(values, 2), 2))).toEqual({
      values: Float64Array.of(9, 7, -1, -2),
      columns: Int32Array.of(1, 3, 2, 0),
    });
  });

  it('counts what is above thresholds of rows or of columns', () => {
    const values = Float64Array.of(1, 2, 3, 4, 5, 6);
    tensorflow.float64(algebra => {
      const matrix = algebra.matrix(values, 2);
      expect(algebra.countAbove(matrix, algebra.matrix(Float64Array.of(1, 4.5), 2))).toEqual({
        ofRows: Int32Array.of(2, 2),
        ofColumns: Int32Array.of(0, 2, 2),
      });
      expect(algebra.countAbove(matrix, algebra.matrix(Float64Array.of(0, 2, 10), 1))).toEqual({
        ofRows: Int32Array.of(1, 2),
        ofColumns: Int32Array.of(2, 1, 0),
      });
    });
  });
});

test('frees the matrices that were made, after an error as well', () => {
  const open = new Set<number>();
  const watched: NativeBinding = Object.create(binding, {
    createTensor: {
      value: (...args: Parameters<NativeBinding['createTensor']>) => {
        const id = binding.createTensor(...args);
        open.add(id);
        return id;
      },
    },
    executeOp: {
      value: (...args: Parameters<NativeBinding['executeOp']>) => {
        const made = binding.executeOp(...args);
        for (const { id } of made) open.add(id);
        return made;
      },
    },
    deleteTensor: {
      value: (id: number) => {
        open.delete(id);
        binding.deleteTensor(id);
      },
    },
  }) as NativeBinding;
  const run = () =>
    nativeFloat64(watched, algebra => {
      const matrix = algebra.matrix(Float64Array.of(2, 1, 1, 2), 2);
      algebra.countAbove(
        algebra.eigenvectors(algebra.product(matrix, matrix)).vectors,
        algebra.matrix(Float64Array.of(0, 1), 2),
      );
      expect(open.size).toBeGreaterThan(5);
      throw new Error('in the middle');
    });
  expect(run).toThrow('in the middle');
  expect(open.size).toBe(0);
});
