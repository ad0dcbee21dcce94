/**
 * Gradients of operations that are gradients themselves and that TensorFlow.js 4.22 has no gradient of: a penalty on a gradient
 * differentiates them.
 */
import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';

interface Pooling {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid';
}

interface DepthwiseConvolution {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid';
}

type Gradient = (dy: Tf.Tensor, saved: Tf.Tensor[], attributes: unknown) => Record<string, () => Tf.Tensor>;

/** Registers them, once for each TensorFlow.js. */
export function registerMissingGradients(tf: TensorFlowNamespace): void {
  const register = (kernelName: string, inputsToSave: string[], gradFunc: Gradient) => {
    if (tf.getGradient(kernelName) !== undefined) return;
    tf.registerGradient({ kernelName, inputsToSave, gradFunc: gradFunc as Tf.GradFunc });
  };
  for (const comparison of ['Greater', 'Less', 'LessEqual', 'Equal', 'NotEqual'])
    register(comparison, ['a', 'b'], (_dy, [a, b]) => ({
      a: () => noGradient(tf, a),
      b: () => noGradient(tf, b),
    }));
  register('AvgPoolGrad', ['input'], (ddx, [x], attributes) => {
    const { filterSize, strides, pad } = attributes as Pooling;
    return {
      dy: () => tf.avgPool(ddx as Tf.Tensor4D, filterSize, strides, pad),
      input: () => noGradient(tf, x),
    };
  });
  register('MaxPoolGrad', ['input', 'output'], (ddx, saved, attributes) => {
    const [x, y] = saved as [Tf.Tensor, Tf.Tensor];
    return {
      dy: () => atLargest(tf, ddx, x, y, attributes as Pooling),
      input: () => noGradient(tf, x),
      output: () => noGradient(tf, y),
    };
  });
  register('EluGrad', ['dy', 'y'], (ddx, [dy, y]) => {
    const [outer, output] = [dy, y] as [Tf.Tensor, Tf.Tensor];
    const isBent = tf.cast(output.less(0), 'float32');
    return {
      dy: () => ddx.mul(isBent.mul(output).add(1)),
      y: () => ddx.mul(outer).mul(isBent),
    };
  });
  register('DepthwiseConv2dNativeBackpropInput', ['dy', 'filter'], (ddx, [dy, filter], attributes) => {
    const { strides, pad } = attributes as DepthwiseConvolution;
    const [images, output, kernel] = [ddx, dy, filter] as [Tf.Tensor4D, Tf.Tensor4D, Tf.Tensor4D];
    return {
      dy: () => tf.depthwiseConv2d(images, kernel, strides, pad),
      filter: () =>
        tf
          .engine()
          .runKernel<Tf.Tensor>(
            'DepthwiseConv2dNativeBackpropFilter',
            { x: images, dy: output },
            { strides, pad, dilations: [1, 1], filterShape: kernel.shape },
          ),
    };
  });
}

const noGradient = (tf: TensorFlowNamespace, input: Tf.Tensor | undefined): Tf.Tensor =>
  tf.zeros((input as Tf.Tensor).shape);

/**
 * True in a gradient that is itself differentiated: only what TensorFlow.js executes then, not a kernel of pipe's, is known to it.
 */
export const isDifferentiatedAgain = (tf: TensorFlowNamespace): boolean =>
  (tf.engine() as unknown as { readonly state: { readonly gradientDepth: number } }).state.gradientDepth > 0;

/** The value of each window `[B, h, w, C]` at the place where another tensor has its largest, the first one of equals. */
function atLargest(
  tf: TensorFlowNamespace,
  values: Tf.Tensor,
  x: Tf.Tensor,
  largest: Tf.Tensor,
  { filterSize, strides, pad }: Pooling,
): Tf.Tensor {
  const both = (size: number | readonly [number, number]) => (typeof size === 'number' ? [size, size] : size);
  const [size, step] = [both(filterSize), both(strides)] as [readonly number[], readonly number[]];
  const [height = 0, width = 0] = x.shape.slice(1, 3);
  const [rows = 0, columns = 0] = largest.shape.slice(1, 3);
  const margin = (axis: number, length: number, outputs: number): [number, number] => {
    const missing = Math.max((outputs - 1) * (step[axis] ?? 1) + (size[axis] ?? 1) - length, 0);
    const before = pad === 'same' ? Math.floor(missing / 2) : 0;
    return [before, Math.max(missing - before, 0)];
  };
  const margins: [number, number][] = [[0, 0], margin(0, height, rows), margin(1, width, columns), [0, 0]];
  const padded = (tensor: Tf.Tensor, value: number) => tf.pad(tensor, margins, value);
  const [inputs, others] = [padded(x, -Infinity), padded(values, 0)];
  let free = tf.onesLike(largest);
  let sum = tf.zerosLike(largest);
  for (let row = 0; row < (size[0] ?? 1); row++)
    for (let column = 0; column < (size[1] ?? 1); column++) {
      const at = (tensor: Tf.Tensor) => {
        const [batch = 0, , , channels = 0] = tensor.shape;
        const end = [
          batch,
          row + (rows - 1) * (step[0] ?? 1) + 1,
          column + (columns - 1) * (step[1] ?? 1) + 1,
          channels,
        ];
        return tf.stridedSlice(tensor, [0, row, column, 0], end, [1, step[0] ?? 1, step[1] ?? 1, 1]);
      };
      const isHere = tf.cast(at(inputs).equal(largest), 'float32').mul(free);
      sum = sum.add(at(others).mul(isHere));
      free = free.sub(isHere);
    }
  return sum;
}
