import type * as Tf from '@tensorflow/tfjs';
import type { StateValues, TensorFlow } from '../core/tensorflow.ts';
import { forward } from './forward.ts';
import { oneHotLabels } from './labels.ts';
import type { Network } from './network.ts';

/** Names of a network's input and output for the programs that load it. */
export interface SavedNames {
  readonly input: string;
  readonly output: string;
}

/**
 * Records a network as it is after training, layer by layer as written. The function returned makes `saved_model.pb` of its
 * weights by key: from `input [B, …] float32`, and `labels [B] int32` in a conditional network, to `output [B, …] float32`.
 * @throws Failure where it cannot be saved: see `TensorFlow.savedModel`
 */
export function toSavedModel(
  tensorflow: TensorFlow,
  network: Network,
  { input, output }: SavedNames,
): (weights: StateValues) => Uint8Array {
  const { name, conditional, dimensions } = network;
  return tensorflow.savedModel({
    name,
    inputs: {
      [input]: { shape: network.input, dtype: 'float32' },
      ...(conditional && { labels: { shape: [], dtype: 'int32' } as const }),
    },
    weights: Object.fromEntries(network.weights.map(({ key, shape }) => [key, shape])),
    run: (plain, inputs, weights) => {
      const labels = inputs['labels'];
      const { y } = forward(plain, network, weights, inputs[input] as Tf.Tensor, {
        training: false,
        plain: true,
        labels: labels && oneHotLabels(plain.tf, labels, dimensions.classes),
      });
      return { [output]: y };
    },
  });
}
