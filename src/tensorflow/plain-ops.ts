import type { FusedOps, TensorFlowNamespace } from '../core/tensorflow.ts';
import { plainAdam } from './adam.ts';
import { conv2d, foldedUpsampledConv } from './folded-conv.ts';

/** The fused operations as compositions of TensorFlow.js's, for the JavaScript backend. */
export function plainOps(tf: TensorFlowNamespace): FusedOps {
  return {
    batchNorm: (x, gamma, beta, epsilon) => {
      const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
      const { mean, variance } = tf.moments(x, axes);
      return {
        y: tf.batchNorm(x, mean, variance, beta, gamma, epsilon),
        mean,
        variance,
      };
    },
    biasAdd: (x, bias) => x.add(bias),
    conv2d: (x, kernel, stride) => conv2d(tf, x, kernel, stride),
    upsampledConv2d: (x, kernel) => foldedUpsampledConv(tf, x, kernel),
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
}
