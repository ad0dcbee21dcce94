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
  /** Linear in both inputs, so that its own gradients are a convolution and the gradient of a kernel. */
  const inputGradient = (dy: Tf.Tensor, weights: Tf.Tensor): Tf.Tensor =>
    tf.customGrad((...args: unknown[]) => {
      const [gradient, taps, save] = args as [Tf.Tensor, Tf.Tensor, (tensors: Tf.Tensor[]) => void];
      save([gradient, taps]);
      return {
        value: run('PipeConv2DInputGrad', [gradient, taps]),
        gradFunc: (ddx: Tf.Tensor, saved: Tf.Tensor[]) => {
          const [output, weight] = saved as [Tf.Tensor, Tf.Tensor];
          return [run('PipeConv2D', [ddx, weight]), run('PipeConv2DKernelGrad', [ddx, output])];
        },
      };
    })(dy, weights);
  return tf.customGrad((...args: unknown[]) => {
    const [images, taps, save] = args as [Tf.Tensor, Tf.Tensor, (tensors: Tf.Tensor[]) => void];
    save([images, taps]);
    return {
      value: run('PipeConv2D', [images, taps]),
      gradFunc: (dy: Tf.Tensor, saved: Tf.Tensor[]) => {
        const [input, weights] = saved as [Tf.Tensor, Tf.Tensor];
        return [inputGradient(dy, weights), run('PipeConv2DKernelGrad', [input, dy])];
      },
    };
  })(x, kernel);
}
