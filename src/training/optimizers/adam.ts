import type * as Tf from '@tensorflow/tfjs';
import { zerosFor, type Optimizer } from './optimizer.ts';

/** Adam's settings (Kingma & Ba 2015, algorithm 1). */
export interface AdamSettings {
  /** Decay of the first moment; 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the second moment; 0.999 by default. */
  readonly beta2?: number;
  /** 1e-7 by default. */
  readonly epsilon?: number;
}

export interface AdamwSettings extends AdamSettings {
  /** λ; 0.004 by default. */
  readonly weightDecay?: number;
}

const slot = (key: string, moment: 'm' | 'v') => `adam/${key}/${moment}`;
const power = (name: string, beta: 1 | 2) => `adam/${name}/beta${beta}Power`;

/**
 * Adam. Its state: two moments per weight, zeros at first, and β1ᵗ and β2ᵗ of the next update. The update is
 * `ops.adam` of `core/tensorflow.ts`.
 */
export const adam = (settings: AdamSettings = {}): Optimizer => adaptiveMoments(settings);

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2) as Keras and PyTorch compute it: `w -= lr · λ · w` before
 * Adam's update, so that a schedule of the learning rate is one of the decay. As there, every weight that is trained decays,
 * biases, gamma and beta as well; but for a bias straight before a batch normalization, which that cancels. Its state is Adam's.
 */
export const adamw = ({ weightDecay = 0.004, ...settings }: AdamwSettings = {}): Optimizer =>
  adaptiveMoments(settings, weightDecay);

function adaptiveMoments(
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamSettings,
  weightDecay = 0,
): Optimizer {
  return {
    state: (name, weights) => ({
      ...zerosFor(weights, key => [slot(key, 'm'), slot(key, 'v')]),
      [power(name, 1)]: { shape: [], values: Float32Array.of(beta1) },
      [power(name, 2)]: { shape: [], values: Float32Array.of(beta2) },
    }),
    update: ({ tf, ops }, { name, gradients, state, learningRate }) => {
      const at = (key: string) => state[key] as Tf.Tensor;
      const [power1, power2] = [power(name, 1), power(name, 2)];
      const scalars = { beta1: tf.scalar(beta1), beta2: tf.scalar(beta2), epsilon: tf.scalar(epsilon) };
      const decay = weightDecay === 0 ? {} : { decay: learningRate.mul<Tf.Tensor>(weightDecay) };
      const powers = { beta1Power: at(power1), beta2Power: at(power2) };
      const updates: Record<string, Tf.Tensor> = {
        [power1]: at(power1).mul(scalars.beta1),
        [power2]: at(power2).mul(scalars.beta2),
      };
      for (const [key, gradient] of Object.entries(gradients)) {
        const moments = { m: at(slot(key, 'm')), v: at(slot(key, 'v')) };
        const { value, m, v } = ops.adam({
          value: at(key),
          ...moments,
          ...powers,
          ...scalars,
          ...decay,
          gradient,
          learningRate,
        });
        Object.assign(updates, { [key]: value, [slot(key, 'm')]: m, [slot(key, 'v')]: v });
      }
      return updates;
    },
  };
}
