import type * as Tf from '@tensorflow/tfjs';
import type { FusedOps, TensorFlowNamespace } from '../core/tensorflow.ts';
import { nativeAdam } from './adam.ts';
import { composedBatchNorm, fusedBatchNorm, kernelBatchNorm } from './batch-norm.ts';
import { composedFinish } from './finish.ts';
import { conv2d, foldedUpsampledConv } from './folded-conv.ts';
import { kernelConv2d } from './kernel-conv.ts';
import type { NativeAttribute, NativeBackend } from './binding.ts';
import type { RecordingBackend } from './record-step.ts';
import { composedSpectralNorm, kernelSpectralNorm } from './spectral-norm.ts';

/** The fused operations and their gradients by kernels of TensorFlow's and, where `kernels` are registered, of pipe's own. */
export function nativeOps(
  tf: TensorFlowNamespace,
  backend: NativeBackend,
  slot: RecordingBackend['slot'],
  kernels: boolean,
): FusedOps {
  const { binding } = backend;
  const type: NativeAttribute = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const format: NativeAttribute = { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' };
  const single = (name: string, inputs: readonly Tf.Tensor[], attributes: readonly NativeAttribute[] = []) =>
    backend.executeSingleOutput(name, [type, ...attributes], inputs);
  /**
   * An operation of one input whose gradient is one operation as well: linear in dy, it is its own gradient with respect to it.
   * @param bend Gradient of `backward` with respect to y; by default y has none, as it only says which side of a corner x is on.
   */
  const unary = (
    x: Tf.Tensor,
    forward: () => Tf.Tensor,
    backward: (dy: Tf.Tensor, y: Tf.Tensor) => Tf.Tensor,
    bend: (ddx: Tf.Tensor, dy: Tf.Tensor, y: Tf.Tensor) => Tf.Tensor = (_ddx, _dy, y) => tf.zerosLike(y),
  ) => {
    const gradient = tf.customGrad((...args: unknown[]) => {
      const [dy, y, save] = args as [Tf.Tensor, Tf.Tensor, (tensors: Tf.Tensor[]) => void];
      save([dy, y]);
      return {
        value: backward(dy, y),
        gradFunc: (ddx: Tf.Tensor, saved: Tf.Tensor[]) => {
          const [first, output] = saved as [Tf.Tensor, Tf.Tensor];
          return [backward(ddx, output), bend(ddx, first, output)];
        },
      };
    });
    return tf.customGrad((...args: unknown[]) => {
      const save = args[1] as (tensors: Tf.Tensor[]) => void;
      const value = forward();
      save([value]);
      return { value, gradFunc: (dy: Tf.Tensor, saved: Tf.Tensor[]) => gradient(dy, saved[0] as Tf.Tensor) };
    })(x);
  };

  const ops: FusedOps = {
    batchNorm: (x, gamma, beta, epsilon, slope) =>
      kernels
        ? kernelBatchNorm(tf, backend, [x, gamma, beta], epsilon, slope)
        : composedBatchNorm(
            tf,
            ops,
            (...inputs) => fusedBatchNorm(tf, backend, inputs, epsilon),
            [x, gamma, beta],
            slope,
          ),

    biasAdd: (x, bias) =>
      tf.customGrad((...args: unknown[]) => {
        const [input, vector] = args as [Tf.Tensor, Tf.Tensor];
        return {
          value: single('BiasAdd', [input, vector], [format]),
          gradFunc: (dy: Tf.Tensor) => [dy.clone(), single('BiasAddGrad', [dy], [format])],
        };
      })(x, bias),

    conv2d: (x, kernel, stride, finish) =>
      kernels
        ? kernelConv2d(tf, backend, x, kernel, { stride, upsample: 1 }, finish)
        : composedFinish(ops, conv2d(tf, x, kernel, stride), finish),

    upsampledConv2d: (x, kernel, finish) =>
      kernels
        ? kernelConv2d(tf, backend, x, kernel, { stride: 1, upsample: 2 }, finish)
        : composedFinish(ops, foldedUpsampledConv(tf, x, kernel), finish),

    spectralNorm: (kernel, u) =>
      kernels ? kernelSpectralNorm(tf, backend, kernel, u) : composedSpectralNorm(tf, kernel, u),

    relu: x =>
      unary(
        x,
        () => single('Relu', [x]),
        (dy, y) => single('ReluGrad', [dy, y]),
      ),

    leakyRelu: (x, alpha) => {
      const slope: NativeAttribute = { name: 'alpha', type: binding.TF_ATTR_FLOAT, value: alpha };
      // The output has the sign of the input, so the gradient takes it and the input can be freed.
      return unary(
        x,
        () => single('LeakyRelu', [x], [slope]),
        (dy, y) => single('LeakyReluGrad', [dy, y], [slope]),
      );
    },

    tanh: x =>
      unary(
        x,
        () => single('Tanh', [x]),
        (dy, y) => single('TanhGrad', [y, dy]),
        (ddx, dy, y) => ddx.mul(dy).mul(y).mul(-2),
      ),

    randomUniform: (shape, seed) => {
      const size = tf.tensor1d([...shape], 'int32');
      const types = [
        ['dtype', binding.TF_FLOAT],
        ['T', binding.TF_INT32],
        ['Tseed', binding.TF_INT32],
      ] as const;
      const attributes = types.map(([name, value]) => ({ name, type: binding.TF_ATTR_TYPE, value }));
      return backend.executeSingleOutput('StatelessRandomUniform', attributes, [size, seed]);
    },

    adam: inputs => nativeAdam(backend, inputs, slot.current),
  };
  return ops;
}
