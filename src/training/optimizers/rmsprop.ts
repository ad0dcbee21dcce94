import type * as Tf from '@tensorflow/tfjs';
import { zerosFor, type Optimizer } from './optimizer.ts';

export interface RmspropSettings {
  /** Decay of the mean of squares, ρ; 0.9 by default. */
  readonly rho?: number;
  /** μ; 0 by default, which needs no state. */
  readonly momentum?: number;
  /** 1e-7 by default. */
  readonly epsilon?: number;
}

const slot = (key: string, name: 'meanSquare' | 'velocity') => `rmsprop/${key}/${name}`;

/**
 * RMSProp (Hinton 2012, lecture 6e) as Keras computes it: `meanSquare = ρ · meanSquare + (1 - ρ) · g²`,
 * `direction = lr · g / √(meanSquare + ε)`, `w -= direction`; with momentum `velocity = μ · velocity + direction`,
 * `w -= velocity`. PyTorch adds ε to the root, and multiplies by the learning rate last. Its state is a mean of squares per weight
 * and, with momentum, a velocity, zeros at first.
 */
export function rmsprop({ rho = 0.9, momentum = 0, epsilon = 1e-7 }: RmspropSettings = {}): Optimizer {
  const slots = momentum === 0 ? (['meanSquare'] as const) : (['meanSquare', 'velocity'] as const);
  return {
    state: (_name, weights) => zerosFor(weights, key => slots.map(name => slot(key, name))),
    update: (_tensorflow, { gradients, state, learningRate }) => {
      const updates: Record<string, Tf.Tensor> = {};
      const at = (key: string) => state[key] as Tf.Tensor;
      for (const [key, gradient] of Object.entries(gradients)) {
        const square = at(slot(key, 'meanSquare'))
          .mul(rho)
          .add(gradient.square().mul(1 - rho));
        const direction = gradient.mul(learningRate).div(square.add(epsilon).sqrt());
        const velocity = momentum === 0 ? direction : at(slot(key, 'velocity')).mul(momentum).add(direction);
        updates[slot(key, 'meanSquare')] = square;
        if (momentum !== 0) updates[slot(key, 'velocity')] = velocity;
        updates[key] = at(key).sub(velocity);
      }
      return updates;
    },
  };
}
