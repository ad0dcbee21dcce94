import type * as Tf from '@tensorflow/tfjs';
import type { Optimizer } from './optimizer.ts';

/**
 * Another optimizer, by gradients whose common norm is at most `norm`: `g · min(1, norm / ‖all g‖)` (Pascanu et al. 2013,
 * algorithm 1). The gradients of one update are clipped together, so that their direction stays.
 */
export function clipByGlobalNorm(optimizer: Optimizer, norm: number): Optimizer {
  return {
    state: (name, weights) => optimizer.state(name, weights),
    update: (tensorflow, update) => {
      const { tf } = tensorflow;
      const squares = Object.values(update.gradients).map(gradient => gradient.square().sum());
      const found = tf.addN(squares).sqrt();
      // As in TensorFlow, a norm that is not finite gives NaN: a scale of 0 would hide that training diverges.
      const scale = tf.scalar(norm).div(found.maximum(norm)).add(found.sub(found));
      const gradients: Record<string, Tf.Tensor> = {};
      for (const [key, gradient] of Object.entries(update.gradients)) gradients[key] = gradient.mul(scale);
      return optimizer.update(tensorflow, { ...update, gradients });
    },
  };
}
