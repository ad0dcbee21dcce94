import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import type { NativeBackend } from './binding.ts';

/**
 * A convolution with padding `same` by pipe's kernels (kernels/conv2d.h). `x [B, H, W, I]`, `kernel [k, k, I, O]`; returns
 * `[B, uH/s, uW/s, O]`, rounded up, for stride s and upsampling u. An upsampling ×2 is supported for k = 3 and s = 1. The gradient
 * with respect to x can be differentiated again.
 */
export function kernelConv2d(
  tf: TensorFlowNamespace,
  backend: NativeBackend,
  x: Tf.Tensor,
  kernel: Tf.Tensor,
  options: { readonly stride: number; readonly upsample: 1 | 2 },
): Tf.Tensor {
  const [, height, width] = x.shape as [number, number, number];
  const attributes = Object.entries({ ...options, height, width, size: kernel.shape[0] }).map(
    ([name, value]) => ({ name, type: backend.binding.TF_ATTR_INT, value }),
  );
  const run = (name: string, inputs: readonly Tf.Tensor[]) =>
    backend.executeSingleOutput(name, attributes, inputs);
  /** An operation on two tensors. @param gradients With respect to both, from the gradient of the result and the two tensors. */
  const differentiable =
    (name: string, gradients: (dy: Tf.Tensor, first: Tf.Tensor, second: Tf.Tensor) => Tf.Tensor[]) =>
    (...inputs: readonly [Tf.Tensor, Tf.Tensor]): Tf.Tensor =>
      tf.customGrad((...args: unknown[]) => {
        const [first, second, save] = args as [Tf.Tensor, Tf.Tensor, (tensors: Tf.Tensor[]) => void];
        save([first, second]);
        return {
          value: run(name, [first, second]),
          gradFunc: (dy: Tf.Tensor, saved: Tf.Tensor[]) =>
            gradients(dy, ...(saved as [Tf.Tensor, Tf.Tensor])),
        };
      })(...inputs);
  // Linear in both inputs, so that its own gradients are a convolution and the gradient of a kernel.
  const inputGradient = differentiable('PipeConv2DInputGrad', (ddx, dy, taps) => [
    run('PipeConv2D', [ddx, taps]),
    run('PipeConv2DKernelGrad', [ddx, dy]),
  ]);
  const convolution = differentiable('PipeConv2D', (dy, images, taps) => [
    inputGradient(dy, taps),
    run('PipeConv2DKernelGrad', [images, dy]),
  ]);
  return convolution(x, kernel);
}
