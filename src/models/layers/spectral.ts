import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';
import type { ExportContext, LayerContext, LayerResult, WeightSpec } from '../layer.ts';

/** Below this a norm counts as zero (PyTorch's `eps`). */
const EPSILON = 1e-12;

/** Singular vector of a kernel `[…, size]`, at first a random direction: state that training moves towards the one of the largest singular value. */
export const singularVector = (size: number, name = 'u'): WeightSpec => ({
  name,
  shape: [size],
  init: { fanIn: size, fanOut: 1, initializer: 'orthogonal' },
  trainable: false,
});

/**
 * Kernel of a pass. Where the layer has a singular vector, the kernel divided by its largest singular value σ: spectral
 * normalisation by one power iteration in each training pass (Miyato et al. 2018, algorithm 1), of the kernel as a matrix
 * `[other axes, last axis]`, as in Keras. After training σ comes from the vector as it is.
 */
export function kernelOf(
  { tensorflow: { tf }, training, weights }: Pick<LayerContext, 'tensorflow' | 'training' | 'weights'>,
  name = 'kernel',
  vector = 'u',
): Pick<LayerResult, 'state'> & { readonly kernel: Tf.Tensor } {
  const kernel = weights[name] as Tf.Tensor;
  const u = weights[vector];
  if (u === undefined) return { kernel };
  const normalized = normalize(tf, kernel, u, training);
  return { kernel: normalized.kernel, ...(training && { state: { [vector]: normalized.u } }) };
}

/** Kernel of a stock layer: divided by the σ of its singular vector, where there is one. */
export function foldedKernel(
  { tf, weights }: Pick<ExportContext, 'tf' | 'weights'>,
  name = 'kernel',
  vector = 'u',
): Float32Array {
  const kernel = weights[name] as Float32Array;
  const u = weights[vector];
  if (u === undefined) return kernel;
  return tf.tidy(() => {
    const matrix = tf.tensor2d(kernel, [kernel.length / u.length, u.length]);
    return normalize(tf, matrix, tf.tensor1d(u), false).kernel.dataSync() as Float32Array;
  });
}

/** Weights of a stock layer with one kernel and perhaps a bias, in its order. */
export function foldedWeights(context: Pick<ExportContext, 'tf' | 'weights'>): readonly Float32Array[] {
  const { bias } = context.weights;
  return [foldedKernel(context), ...(bias === undefined ? [] : [bias])];
}

/**
 * The kernel W divided by σ = vᵀ W u, and u after a power iteration in training. With constant singular vectors
 * dσ/dW = v uᵀ, so that a gradient G of the quotient is (G - ⟨G, W/σ⟩ v uᵀ) / σ of W.
 */
function normalize(tf: TensorFlowNamespace, kernel: Tf.Tensor, u: Tf.Tensor, training: boolean) {
  let kept = u;
  const normalized = tf.customGrad((...args: unknown[]) => {
    const [w, save] = args as [Tf.Tensor, (tensors: Tf.Tensor[]) => void];
    const { v, next, sigma } = powerIteration(tf, w.reshape([-1, u.size]), u.reshape([-1, 1]), training);
    const value = w.div(sigma);
    // Kept beyond the tidy that TensorFlow.js wraps around this function.
    kept = tf.keep(next.reshape(u.shape));
    save([value, v, next, sigma]);
    const gradFunc = (dy: Tf.Tensor, saved: Tf.Tensor[]) => {
      const [quotient, left, right, norm] = saved as [Tf.Tensor, Tf.Tensor, Tf.Tensor, Tf.Tensor];
      const outer = tf.matMul(left.mul(dy.mul(quotient).sum()), right, false, true);
      return dy.sub(outer.reshape(dy.shape)).div(norm);
    };
    return { value, gradFunc };
  })(kernel);
  const next = kept.clone();
  kept.dispose();
  return { kernel: normalized, u: next };
}

/** Singular vectors `v [rows, 1]` and `next [columns, 1]` of a matrix, and σ `[]`, from `u [columns, 1]`. */
function powerIteration(tf: TensorFlowNamespace, matrix: Tf.Tensor, u: Tf.Tensor, training: boolean) {
  const lengthOf = (vector: Tf.Tensor) => vector.square().sum().sqrt().maximum(EPSILON);
  const left = tf.matMul(matrix, u);
  const leftLength = lengthOf(left);
  const v = left.div(leftLength);
  if (!training) return { v, next: u, sigma: leftLength };
  const right = tf.matMul(matrix, v, true);
  const sigma = lengthOf(right);
  return { v, next: right.div(sigma), sigma };
}
