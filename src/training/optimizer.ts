import type * as Tf from '@tensorflow/tfjs';
import type { StepDefinition, TensorFlow } from '../core/tensorflow.ts';
import { trainedWeights } from '../models/forward.ts';
import type { Network } from '../models/network.ts';
import { product } from '../models/shape.ts';

/** Adam's settings (Kingma & Ba 2015, algorithm 1). */
export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

type State = Readonly<Record<string, Tf.Tensor>>;

const slot = (key: string, moment: 'm' | 'v') => `adam/${key}/${moment}`;
const power = (network: string, beta: 1 | 2) => `adam/${network}/beta${beta}Power`;

/** Adam's state of a network: two moments per trained weight, zeros, and β1ᵗ and β2ᵗ of the next update. */
export function adamState(network: Network, settings: AdamSettings): StepDefinition['state'] {
  const moments = trainedWeights(network).flatMap(({ key, shape }) =>
    (['m', 'v'] as const).map(
      moment => [slot(key, moment), { shape, values: new Float32Array(product(shape)) }] as const,
    ),
  );
  return {
    ...Object.fromEntries(moments),
    [power(network.name, 1)]: { shape: [], values: Float32Array.of(settings.beta1) },
    [power(network.name, 2)]: { shape: [], values: Float32Array.of(settings.beta2) },
  };
}

/** One update of a network's trained weights; answers the new weights and optimizer state by key. */
export function adamUpdate(
  { tf, ops }: TensorFlow,
  network: Network,
  settings: AdamSettings,
  gradients: State,
  state: State,
): Record<string, Tf.Tensor> {
  const at = (key: string) => state[key] as Tf.Tensor;
  const [power1, power2] = [power(network.name, 1), power(network.name, 2)];
  const [learningRate, beta1, beta2, epsilon] = [
    tf.scalar(settings.learningRate),
    tf.scalar(settings.beta1),
    tf.scalar(settings.beta2),
    tf.scalar(settings.epsilon),
  ] as const;
  const updates: Record<string, Tf.Tensor> = {
    [power1]: at(power1).mul(beta1),
    [power2]: at(power2).mul(beta2),
  };
  for (const [key, gradient] of Object.entries(gradients)) {
    const { value, m, v } = ops.adam({
      value: at(key),
      m: at(slot(key, 'm')),
      v: at(slot(key, 'v')),
      gradient,
      beta1Power: at(power1),
      beta2Power: at(power2),
      learningRate,
      beta1,
      beta2,
      epsilon,
    });
    Object.assign(updates, { [key]: value, [slot(key, 'm')]: m, [slot(key, 'v')]: v });
  }
  return updates;
}
