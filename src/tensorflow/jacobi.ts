/** Sweeps after which the method has converged for every matrix: it takes about ten. */
const SWEEPS = 60;

export interface Eigen {
  /** `[n]`, rising. */
  readonly eigenvalues: Float64Array;
  /** `[n, n]`, orthonormal columns. */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix `[n, n]`, of which the lower triangle is read, by rotations that make one
 * element after another zero (Golub & Van Loan, Matrix Computations, section 8.5).
 */
export function jacobi(symmetric: Float64Array, n: number): Eigen {
  const a = new Float64Array(symmetric.length);
  for (let row = 0; row < n; row++)
    for (let column = 0; column <= row; column++)
      a[row * n + column] = a[column * n + row] = symmetric[row * n + column] as number;
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const negligible = (Number.EPSILON / 8) * largest;
  for (let sweep = 0; sweep < SWEEPS && rotateAll(a, vectors, n, negligible); sweep++);
  return sorted(a, vectors, n);
}

/** Rotates each pair of rows once of which the common element is not negligible; returns whether there was one. */
function rotateAll(a: Float64Array, vectors: Float64Array, n: number, negligible: number): boolean {
  let rotated = false;
  for (let p = 0; p < n; p++)
    for (let q = p + 1; q < n; q++) {
      const off = a[p * n + q] as number;
      const [first, second] = [a[p * n + p] as number, a[q * n + q] as number];
      if (Math.abs(off) <= negligible) continue;
      rotated = true;
      const theta = (second - first) / (2 * off);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const cos = 1 / Math.sqrt(t * t + 1);
      const rotation = { cos, sin: t * cos };
      rotate(a, rotation, n, p * n, q * n, 1);
      rotate(a, rotation, n, p, q, n);
      rotate(vectors, rotation, n, p, q, n);
      a[p * n + q] = a[q * n + p] = 0;
    }
  return rotated;
}

/** Rotates two rows (`step` 1) or two columns (`step` n), of which the first elements are at `p` and `q`. */
function rotate(
  values: Float64Array,
  { cos, sin }: { readonly cos: number; readonly sin: number },
  n: number,
  p: number,
  q: number,
  step: number,
): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [values[p + k * step] as number, values[q + k * step] as number];
    values[p + k * step] = cos * x - sin * y;
    values[q + k * step] = sin * x + cos * y;
  }
}

function sorted(a: Float64Array, vectors: Float64Array, n: number): Eigen {
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number);
  const order = Array.from(diagonal.keys()).sort((i, j) => (diagonal[i] as number) - (diagonal[j] as number));
  const columns = new Float64Array(n * n);
  for (let row = 0; row < n; row++)
    order.forEach((from, to) => (columns[row * n + to] = vectors[row * n + from] as number));
  return { eigenvalues: Float64Array.from(order, i => diagonal[i] as number), vectors: columns };
}
