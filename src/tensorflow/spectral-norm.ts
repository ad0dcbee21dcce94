import type * as Tf from '@tensorflow/tfjs';
import type { FusedOps, TensorFlowNamespace } from '../core/tensorflow.ts';
import type { NativeBackend } from './binding.ts';

type SpectralNorm = ReturnType<FusedOps['spectralNorm']>;

/** The quotient W / σ, the singular vectors v and u after a power iteration, and σ `[]`. */
type Iterated = readonly [quotient: Tf.Tensor, v: Tf.Tensor, u: Tf.Tensor, sigma: Tf.Tensor];

interface Implementation {
  readonly iterate: (kernel: Tf.Tensor, u: Tf.Tensor) => Iterated;
  /** Gradient with respect to the kernel, from one with respect to the quotient. */
  readonly gradient: (dy: Tf.Tensor, iterated: Iterated) => Tf.Tensor;
}

/** Below this a norm counts as zero (PyTorch's `eps`), as in kernels/spectral_norm.h. */
const EPSILON = 1e-12;

/** `FusedOps.spectralNorm` by pipe's kernel (kernels/spectral_norm.h). */
export const kernelSpectralNorm = (
  tf: TensorFlowNamespace,
  backend: NativeBackend,
  kernel: Tf.Tensor,
  u: Tf.Tensor,
): SpectralNorm =>
  withGradient(tf, kernel, u, {
    iterate: (...inputs) =>
      backend.executeMultipleOutputs('PipeSpectralNorm', [], inputs, 4) as unknown as Iterated,
    gradient: (dy, iterated) => backend.executeSingleOutput('PipeSpectralNormGrad', [], [dy, ...iterated]),
  });

/** `FusedOps.spectralNorm` as operations of TensorFlow.js. */
export const composedSpectralNorm = (
  tf: TensorFlowNamespace,
  kernel: Tf.Tensor,
  u: Tf.Tensor,
): SpectralNorm =>
  withGradient(tf, kernel, u, {
    iterate: (w, before) => {
      const matrix = w.reshape([-1, before.size]);
      const lengthOf = (vector: Tf.Tensor) => vector.square().sum().sqrt().maximum(EPSILON);
      const left = tf.matMul(matrix, before.reshape([-1, 1]));
      const v = left.div(lengthOf(left));
      const right = tf.matMul(matrix, v, true);
      const sigma = lengthOf(right);
      return [w.div(sigma), v.flatten(), right.div(sigma).flatten(), sigma];
    },
    gradient: (dy, [quotient, v, next, sigma]) => {
      const outer = tf.outerProduct(v.mul<Tf.Tensor1D>(dy.mul(quotient).sum()), next as Tf.Tensor1D);
      return dy.sub(outer.reshape(dy.shape)).div(sigma);
    },
  });

/** A function with a gradient has one value, so the next u is passed beside it. */
function withGradient(
  tf: TensorFlowNamespace,
  kernel: Tf.Tensor,
  u: Tf.Tensor,
  { iterate, gradient }: Implementation,
): SpectralNorm {
  let kept: Tf.Tensor | undefined;
  const quotient = tf.customGrad((...args: unknown[]) => {
    const [w, save] = args as [Tf.Tensor, (tensors: Tf.Tensor[]) => void];
    const iterated = iterate(w, u);
    // Kept beyond the tidy that TensorFlow.js wraps around this function.
    kept = tf.keep(iterated[2].clone());
    save([...iterated]);
    const gradFunc = (dy: Tf.Tensor, saved: Tf.Tensor[]) => gradient(dy, saved as unknown as Iterated);
    return { value: iterated[0], gradFunc };
  })(kernel);
  if (kept === undefined) throw new Error('the power iteration was not executed');
  const next = kept.clone();
  kept.dispose();
  return { kernel: quotient, u: next };
}
