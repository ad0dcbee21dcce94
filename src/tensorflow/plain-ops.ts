import type * as Tf from '@tensorflow/tfjs';
import type { FusedOps, TensorFlowNamespace } from '../core/tensorflow.ts';
import { plainAdam } from './adam.ts';
import { composedBatchNorm } from './batch-norm.ts';
import { composedFinish } from './finish.ts';
import { conv2d, foldedUpsampledConv } from './folded-conv.ts';
import { composedSpectralNorm } from './spectral-norm.ts';

/** The fused operations as compositions of TensorFlow.js's, for the JavaScript backend. */
export function plainOps(tf: TensorFlowNamespace): FusedOps {
  const ops: FusedOps = {
    batchNorm: (x, gamma, beta, epsilon, slope) => {
      const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
      const { mean, variance } = tf.moments(x, axes);
      const normalized = (input: Tf.Tensor, scale: Tf.Tensor, offset: Tf.Tensor) => ({
        y: tf.batchNorm(input, mean, variance, offset, scale, epsilon),
        mean,
        variance,
      });
      return composedBatchNorm(tf, ops, normalized, [x, gamma, beta], slope);
    },
    biasAdd: (x, bias) => x.add(bias),
    conv2d: (x, kernel, stride, finish) => composedFinish(ops, conv2d(tf, x, kernel, stride), finish),
    upsampledConv2d: (x, kernel, finish) => composedFinish(ops, foldedUpsampledConv(tf, x, kernel), finish),
    spectralNorm: (kernel, u) => composedSpectralNorm(tf, kernel, u),
    relu: x => x.relu(),
    leakyRelu: (x, alpha) => x.leakyRelu(alpha),
    tanh: x => x.tanh(),
    randomUniform: (shape, seed) => {
      const [high, low] = seed.dataSync() as Int32Array;
      // TensorFlow.js treats seed 0 as no seed.
      const combined = Math.imul(high as number, 0x9e3779b1) ^ (low as number) || 1;
      return tf.randomUniform([...shape], 0, 1, 'float32', combined);
    },
    adam: inputs => plainAdam(tf, inputs),
  };
  return ops;
}
