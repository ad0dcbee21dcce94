import type * as Tf from '@tensorflow/tfjs';
import type { ConvFinish, TensorFlowNamespace } from '../core/tensorflow.ts';
import { slopes } from './batch-norm.ts';
import type { NativeAttribute, NativeBackend } from './binding.ts';
import { isDifferentiatedAgain } from './missing-gradients.ts';

/**
 * A convolution with padding `same` by pipe's kernels (kernels/conv2d.h). `x [B, H, W, I]`, `kernel [k, k, I, O]`; returns
 * `[B, uH/s, uW/s, O]`, rounded up, for stride s and upsampling u. An upsampling ×2 is supported for k = 3 and s = 1. The gradient
 * with respect to x can be differentiated again.
 * @param finish Part of the same operation.
 */
export function kernelConv2d(
  tf: TensorFlowNamespace,
  backend: NativeBackend,
  x: Tf.Tensor,
  kernel: Tf.Tensor,
  options: { readonly stride: number; readonly upsample: 1 | 2 },
  finish?: ConvFinish,
): Tf.Tensor {
  const [, height, width] = x.shape as [number, number, number];
  const attributes: readonly NativeAttribute[] = Object.entries({
    ...options,
    height,
    width,
    size: kernel.shape[0],
  }).map(([name, value]) => ({ name, type: backend.binding.TF_ATTR_INT, value }));
  const run = (name: string, inputs: readonly Tf.Tensor[], others: readonly NativeAttribute[] = []) =>
    backend.executeSingleOutput(name, [...attributes, ...others], inputs);
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
  if (finish === undefined) return convolution(x, kernel);
  const slope = { name: 'slope', type: backend.binding.TF_ATTR_FLOAT, value: finish.slope };
  return tf.customGrad((...args: unknown[]) => {
    const [images, taps, bias, save] = args as [
      Tf.Tensor,
      Tf.Tensor,
      Tf.Tensor,
      (tensors: Tf.Tensor[]) => void,
    ];
    const value = run('PipeFinishedConv2D', [images, taps, bias], [slope]);
    save([images, taps, value]);
    const gradFunc = (dy: Tf.Tensor, saved: Tf.Tensor[]) => {
      const [first, second, y] = saved as [Tf.Tensor, Tf.Tensor, Tf.Tensor];
      const [before, dbias] = finishGradient(tf, backend, dy, y, finish.slope);
      return [inputGradient(before, second), run('PipeConv2DKernelGrad', [first, before]), dbias];
    };
    return { value, gradFunc };
  })(x, kernel, finish.bias);
}

/** Gradients with respect to the sums of a convolution and to the bias, from that of y; the first can be differentiated again. */
function finishGradient(
  tf: TensorFlowNamespace,
  backend: NativeBackend,
  dy: Tf.Tensor,
  y: Tf.Tensor,
  slope: number,
): [Tf.Tensor, Tf.Tensor] {
  const { TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  if (slope !== 1 && !isDifferentiatedAgain(tf)) {
    const attributes = [{ name: 'slope', type: TF_ATTR_FLOAT, value: slope }];
    const gradients = backend.executeMultipleOutputs('PipeFinishGrad', attributes, [dy, y], 2);
    return gradients as [Tf.Tensor, Tf.Tensor];
  }
  const before = slope === 1 ? dy : dy.mul<Tf.Tensor>(slopes(tf, y, slope));
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
  ];
  return [before, backend.executeSingleOutput('BiasAddGrad', attributes, [before])];
}
