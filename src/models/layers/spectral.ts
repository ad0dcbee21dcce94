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
  { tensorflow: { tf, ops }, training, weights }: Pick<LayerContext, 'tensorflow' | 'training' | 'weights'>,
  name = 'kernel',
  vector = 'u',
): Pick<LayerResult, 'state'> & { readonly kernel: Tf.Tensor } {
  const kernel = weights[name] as Tf.Tensor;
  const before = weights[vector];
  if (before === undefined) return { kernel };
  if (!training) return { kernel: quotient(tf, kernel, before) };
  const { kernel: normalized, u } = ops.spectralNorm(kernel, before);
  return { kernel: normalized, state: { [vector]: u } };
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
    return quotient(tf, matrix, tf.tensor1d(u)).dataSync() as Float32Array;
  });
}

/** Weights of a stock layer with one kernel and perhaps a bias, in its order. */
export function foldedWeights(context: Pick<ExportContext, 'tf' | 'weights'>): readonly Float32Array[] {
  const { bias } = context.weights;
  return [foldedKernel(context), ...(bias === undefined ? [] : [bias])];
}

/** A kernel W divided by σ = |W u|, of its singular vector as it is. */
function quotient(tf: TensorFlowNamespace, kernel: Tf.Tensor, u: Tf.Tensor): Tf.Tensor {
  const product = tf.matMul(kernel.reshape([-1, u.size]), u.reshape([-1, 1]));
  return kernel.div(product.square().sum().sqrt().maximum(EPSILON));
}
