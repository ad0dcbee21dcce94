import type { TensorFlow } from '../../core/tensorflow.ts';
import type { Moments } from './moments.ts';

/** Moments with a square root of the covariance. */
export interface Gaussian extends Moments {
  /** `[W, rank]`: root · rootᵀ is the covariance. */
  readonly root: Float64Array;
  readonly rank: number;
}

type Algebra = Pick<TensorFlow, 'float64'>;

/** Moments with their root, once for all distances from them. */
export function gaussianOf({ float64 }: Algebra, moments: Moments): Gaussian {
  const width = moments.mean.length;
  const { eigenvalues, vectors } = float64(algebra => {
    const eigen = algebra.eigenvectors(algebra.matrix(moments.covariance, width));
    return { eigenvalues: eigen.eigenvalues, vectors: algebra.values(eigen.vectors) };
  });
  const least = rounding(width) * Math.max(0, eigenvalues[width - 1] as number);
  const rank = eigenvalues.filter(value => value > least).length;
  const root = new Float64Array(width * rank);
  for (let row = 0; row < width; row++)
    for (let column = 0; column < rank; column++) {
      const from = width - rank + column;
      root[row * rank + column] =
        (vectors[row * width + from] as number) * Math.sqrt(eigenvalues[from] as number);
    }
  return { ...moments, root, rank };
}

/**
 * The squared Fréchet distance between two normal distributions (Dowson & Landau 1982; FID is that of features: Heusel et al.
 * 2017), `|μ₁ − μ₂|² + tr C₁ + tr C₂ − 2 tr (C₁C₂)^½`.
 *
 * C₁C₂ has the eigenvalues of the symmetric RᵀC₂R, R being a root of C₁. An eigenvalue that is no more than rounding counts as zero,
 * since its square root would be far more than rounding; so covariances without full rank, of fewer pictures than features or
 * of equal pictures, have their exact distance, with nothing added to their diagonal.
 */
export function frechet({ float64 }: Algebra, reference: Gaussian, other: Moments): number {
  const { mean, covariance, root, rank } = reference;
  const width = mean.length;
  const shift = mean.reduce((sum, value, at) => sum + (value - (other.mean[at] as number)) ** 2, 0);
  const spread = trace(covariance, width) + trace(other.covariance, width);
  if (rank === 0) return shift + spread;
  const eigenvalues = float64(algebra => {
    const r = algebra.matrix(root, width);
    const product = algebra.product(algebra.matrix(other.covariance, width), r);
    return algebra.eigenvalues(algebra.product(r, product, 'a'));
  });
  const least = rounding(width) * squaredNorm(root, width, rank) * norm(other.covariance);
  const common = eigenvalues.reduce((sum, value) => sum + (value > least ? Math.sqrt(value) : 0), 0);
  return Math.max(0, shift + spread - 2 * common);
}

/** Error of an eigenvalue in parts of the largest one, of roundings that are independent. */
const rounding = (width: number): number => Math.sqrt(width) * Number.EPSILON;

function trace(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let at = 0; at < matrix.length; at += size + 1) sum += matrix[at] as number;
  return sum;
}

/** The Frobenius norm. */
const norm = (matrix: Float64Array): number =>
  Math.sqrt(matrix.reduce((sum, value) => sum + value * value, 0));

/** The largest eigenvalue of root · rootᵀ: columns of the root are orthogonal, and the last one is the longest. */
function squaredNorm(root: Float64Array, width: number, rank: number): number {
  let sum = 0;
  for (let row = 0; row < width; row++) sum += (root[row * rank + rank - 1] as number) ** 2;
  return sum;
}
