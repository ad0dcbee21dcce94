import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import type { NativeBackend } from './binding.ts';

/**
 * A convolution with padding `same` by pipe's kernels (kernels/conv2d.h). `x [B, H, W, I]`, `kernel [k, k, I, O]`; returns
 * `[B, uH/s, uW/s, O]`, rounded up, for stride s and upsampling u. An upsampling ×2 is supported for k = 3 and s = 1.
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
  return tf.customGrad((...args: unknown[]) => {
    const [images, taps, save] = args as [Tf.Tensor, Tf.Tensor, (tensors: Tf.Tensor[]) => void];
    save([images, taps]);
    return {
      value: run('PipeConv2D', [images, taps]),
      gradFunc: (dy: Tf.Tensor, saved: Tf.Tensor[]) => {
        const [input, weights] = saved as [Tf.Tensor, Tf.Tensor];
        return [run('PipeConv2DInputGrad', [dy, weights]), run('PipeConv2DKernelGrad', [input, dy])];
      },
    };
  })(x, kernel);
}
