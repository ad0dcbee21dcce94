import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import type { Network } from './network.ts';

/**
 * The network as a stock layers model with the given weights: inputs `[x, labels one-hot]` when it is conditional, `x`
 * otherwise. Dispose it after use.
 */
export function toLayersModel(
  tf: TensorFlowNamespace,
  network: Network,
  weights: Readonly<Record<string, Float32Array>>,
): Tf.LayersModel {
  const x = tf.input({ name: `${network.name}_input`, shape: [...network.input] });
  const labels = network.conditional
    ? tf.input({ name: `${network.name}_label`, shape: [network.dimensions.classes] })
    : undefined;
  let y = x;
  for (const { name, kind, params, input } of network.layers)
    y = kind.toLayer(y, params, { tf, name, labels, input, dimensions: network.dimensions });
  const model = tf.model({ name: network.name, inputs: labels === undefined ? x : [x, labels], outputs: y });
  for (const layer of network.layers) {
    if (layer.weights.length === 0) continue;
    const tensors = layer.weights.map(({ key, shape }) =>
      tf.tensor(weights[key] as Float32Array, [...shape]),
    );
    model.getLayer(layer.name).setWeights(tensors);
    tf.dispose(tensors);
  }
  return model;
}
