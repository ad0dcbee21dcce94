import type * as Tf from '@tensorflow/tfjs';
import { zerosFor, type Optimizer } from './optimizer.ts';

export interface SgdSettings {
  /** μ; 0 by default, which needs no state. */
  readonly momentum?: number;
}

const slot = (key: string) => `sgd/${key}/velocity`;

/**
 * Gradient descent: `w -= lr · g`; with momentum (Polyak 1964, as TensorFlow and PyTorch compute it)
 * `velocity = μ · velocity + g`, `w -= lr · velocity`. Its state is one velocity per weight, zeros at first.
 */
export function sgd({ momentum = 0 }: SgdSettings = {}): Optimizer {
  return {
    state: (_name, weights) => (momentum === 0 ? {} : zerosFor(weights, key => [slot(key)])),
    update: (_tensorflow, { gradients, state, learningRate }) => {
      const updates: Record<string, Tf.Tensor> = {};
      const at = (key: string) => state[key] as Tf.Tensor;
      for (const [key, gradient] of Object.entries(gradients)) {
        const direction = momentum === 0 ? gradient : at(slot(key)).mul(momentum).add(gradient);
        if (momentum !== 0) updates[slot(key)] = direction;
        updates[key] = at(key).sub(direction.mul(learningRate));
      }
      return updates;
    },
  };
}
