import type * as Tf from '@tensorflow/tfjs';
import { zerosFor, type Optimizer } from './optimizer.ts';

export interface SgdSettings {
  /** μ; 0 by default, which needs no state. */
  readonly momentum?: number;
  /** Looks ahead along the velocity (Nesterov 1983; Sutskever et al. 2013); false by default. Only with momentum. */
  readonly nesterov?: boolean;
}

const slot = (key: string) => `sgd/${key}/velocity`;

/**
 * Gradient descent: `w -= lr · g`; with momentum (Polyak 1964, as TensorFlow and PyTorch compute it)
 * `velocity = μ · velocity + g`, `w -= lr · velocity`, or, with `nesterov`, `w -= lr · (g + μ · velocity)`. Keras accumulates
 * `lr · g`, which is the same at a constant learning rate. Its state is one velocity per weight, zeros at first.
 */
export function sgd({ momentum = 0, nesterov = false }: SgdSettings = {}): Optimizer {
  return {
    state: (_name, weights) => (momentum === 0 ? {} : zerosFor(weights, key => [slot(key)])),
    update: (_tensorflow, { gradients, state, learningRate }) => {
      const updates: Record<string, Tf.Tensor> = {};
      const at = (key: string) => state[key] as Tf.Tensor;
      for (const [key, gradient] of Object.entries(gradients)) {
        const velocity = momentum === 0 ? gradient : at(slot(key)).mul(momentum).add(gradient);
        if (momentum !== 0) updates[slot(key)] = velocity;
        const direction = nesterov && momentum !== 0 ? gradient.add(velocity.mul(momentum)) : velocity;
        updates[key] = at(key).sub(direction.mul(learningRate));
      }
      return updates;
    },
  };
}
