import type * as Tf from '@tensorflow/tfjs';
import type { FusedOps, TensorFlowNamespace } from '../core/tensorflow.ts';
import { leaky } from './finish.ts';
import { isDifferentiatedAgain } from './missing-gradients.ts';
import type { NativeAttribute, NativeBackend } from './binding.ts';

type BatchNorm = ReturnType<FusedOps['batchNorm']>;

interface Normalized {
  readonly y: Tf.Tensor;
  readonly mean: Tf.Tensor;
  readonly variance: Tf.Tensor;
  /** Tensors that the gradient needs. */
  readonly saved: readonly Tf.Tensor[];
}

interface Settings {
  readonly epsilon: number;
  /** Of the leaky ReLU that follows; 1 for none. */
  readonly slope: number;
}

/** Batch normalisation by pipe's kernel (kernels/batch_norm.h). */
export function kernelBatchNorm(
  tf: TensorFlowNamespace,
  backend: NativeBackend,
  inputs: readonly [Tf.Tensor, Tf.Tensor, Tf.Tensor],
  epsilon: number,
  slope = 1,
): BatchNorm {
  const attributes: readonly NativeAttribute[] = Object.entries({ epsilon, slope }).map(([name, value]) => ({
    name,
    type: backend.binding.TF_ATTR_FLOAT,
    value,
  }));
  return withStatistics(
    tf,
    inputs,
    { epsilon, slope },
    {
      forward: (x, gamma, beta) => {
        const made = backend.executeMultipleOutputs('PipeBatchNorm', attributes, [x, gamma, beta], 3);
        const [y, mean, variance] = made as [Tf.Tensor, Tf.Tensor, Tf.Tensor];
        return { y, mean, variance, saved: [x, gamma, beta, mean, variance] };
      },
      backward: (dy, saved) =>
        backend.executeMultipleOutputs('PipeBatchNormGrad', attributes, [dy, ...saved], 3),
    },
  );
}

/** Batch normalisation by TensorFlow's kernel. */
export function fusedBatchNorm(
  tf: TensorFlowNamespace,
  backend: NativeBackend,
  [x, gamma, beta]: readonly [Tf.Tensor, Tf.Tensor, Tf.Tensor],
  epsilon: number,
): BatchNorm {
  const { binding } = backend;
  const attributes: readonly NativeAttribute[] = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'U', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
  ];
  const averaging: NativeAttribute = {
    name: 'exponential_avg_factor',
    type: binding.TF_ATTR_FLOAT,
    value: 1,
  };
  const channels = x.shape[x.shape.length - 1] as number;
  const count = x.size / channels;
  const images = x.rank === 4 ? x : x.reshape([-1, 1, 1, channels]);
  const normalized = withStatistics(
    tf,
    [images, gamma, beta],
    { epsilon, slope: 1 },
    {
      forward: (input, scale, offset) => {
        const empty = tf.tensor1d([]);
        const [y, mean, variance, ...reserves] = backend.executeMultipleOutputs(
          'FusedBatchNormV3',
          [...attributes, averaging],
          [input, scale, offset, empty, empty],
          6,
        ) as [Tf.Tensor, Tf.Tensor, Tf.Tensor, ...Tf.Tensor[]];
        // The kernel returns the unbiased variance (Bessel's correction); Keras 3 keeps the biased one.
        const biased = variance.mul((count - 1) / count);
        return { y, mean, variance: biased, saved: [input, scale, ...reserves] };
      },
      backward: (dy, saved) =>
        backend.executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, ...saved], 5).slice(0, 3),
    },
  );
  return { ...normalized, y: x.rank === 4 ? normalized.y : normalized.y.reshape(x.shape) };
}

/**
 * The scale and offset of each image and the activation of `FusedOps.batchNorm` as operations after a normalisation with scale and
 * offset `[C]`.
 */
export function composedBatchNorm(
  tf: TensorFlowNamespace,
  ops: Pick<FusedOps, 'relu' | 'leakyRelu'>,
  normalized: (x: Tf.Tensor, gamma: Tf.Tensor, beta: Tf.Tensor) => BatchNorm,
  [x, gamma, beta]: readonly [Tf.Tensor, Tf.Tensor, Tf.Tensor],
  slope = 1,
): BatchNorm {
  if (gamma.rank === 1) {
    const made = normalized(x, gamma, beta);
    return { ...made, y: leaky(ops, made.y, slope) };
  }
  const channels = [x.shape.at(-1) as number];
  const { y, ...statistics } = normalized(x, tf.ones(channels), tf.zeros(channels));
  const ofImages = (values: Tf.Tensor) =>
    values.reshape(x.shape.map((size, axis) => (axis % (x.rank - 1) === 0 ? size : 1)));
  return { y: leaky(ops, y.mul(ofImages(gamma)).add(ofImages(beta)), slope), ...statistics };
}

/** Makes batch normalisation differentiable in y. A function with a gradient has one value, so the statistics are passed beside it. */
function withStatistics(
  tf: TensorFlowNamespace,
  inputs: readonly [Tf.Tensor, Tf.Tensor, Tf.Tensor],
  settings: Settings,
  kernel: {
    readonly forward: (x: Tf.Tensor, gamma: Tf.Tensor, beta: Tf.Tensor) => Normalized;
    readonly backward: (dy: Tf.Tensor, saved: readonly Tf.Tensor[]) => Tf.Tensor[];
  },
): BatchNorm {
  let kept: { mean: Tf.Tensor; variance: Tf.Tensor } | undefined;
  const y = tf.customGrad((...args: unknown[]) => {
    const [x, gamma, beta, save] = args as [Tf.Tensor, Tf.Tensor, Tf.Tensor, (tensors: Tf.Tensor[]) => void];
    const { y: value, mean, variance, saved } = kernel.forward(x, gamma, beta);
    // Kept beyond the tidy that TensorFlow.js wraps around this function.
    kept = { mean: tf.keep(mean.clone()), variance: tf.keep(variance.clone()) };
    save([...saved]);
    return {
      value,
      gradFunc: (dy: Tf.Tensor, tensors: Tf.Tensor[]) =>
        isDifferentiatedAgain(tf)
          ? composedGradients(tf, dy, tensors as [Tf.Tensor, Tf.Tensor, Tf.Tensor], settings)
          : kernel.backward(dy, tensors),
    };
  })(...inputs);
  if (kept === undefined) throw new Error('batch normalisation was not executed');
  const statistics = { mean: kept.mean.clone(), variance: kept.variance.clone() };
  tf.dispose(kept);
  return { y, ...statistics };
}

/**
 * The gradients with respect to x, gamma and beta (Ioffe & Szegedy 2015, section 3) as operations with gradients. Gamma and beta
 * are those of `FusedOps.batchNorm`, `[C]` or each image's own `[B, C]`.
 */
function composedGradients(
  tf: TensorFlowNamespace,
  dy: Tf.Tensor,
  [x, gamma, beta]: readonly [Tf.Tensor, Tf.Tensor, Tf.Tensor, ...Tf.Tensor[]],
  { epsilon, slope }: Settings,
): Tf.Tensor[] {
  const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
  const ofImages = gamma.rank === 2;
  const spread = (values: Tf.Tensor) =>
    ofImages ? values.reshape(x.shape.map((size, axis) => (axis % axes.length === 0 ? size : 1))) : values;
  const { mean, variance } = tf.moments(x, axes);
  const scale = tf.rsqrt(variance.add(epsilon));
  const normalized = x.sub(mean).mul(scale);
  const before =
    slope === 1 ? dy : dy.mul(slopes(tf, normalized.mul(spread(gamma)).add(spread(beta)), slope));
  const scaled = before.mul(spread(gamma));
  const centred = scaled.sub(scaled.mean(axes)).sub(normalized.mul(scaled.mul(normalized).mean(axes)));
  const summed = ofImages ? axes.slice(1) : axes;
  return [centred.mul(scale), before.mul(normalized).sum(summed), before.sum(summed)];
}

/** The slope of a leaky ReLU at each value. */
export const slopes = (tf: TensorFlowNamespace, values: Tf.Tensor, slope: number): Tf.Tensor =>
  tf
    .cast(values.greater(0), 'float32')
    .mul(1 - slope)
    .add(slope);
