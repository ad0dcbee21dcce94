import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import type { ExportContext, Named, StockLayer } from './layer.ts';
import { mapValues } from './map-values.ts';
import type { BoundLayer, Network } from './network.ts';

/**
 * A network as a layers model of stock layers, with weights by key: inputs `[x, labels one-hot]` when it is conditional, `x`
 * otherwise; outputs `y` and then its heads, in their order. Dispose it after use.
 */
export function toLayersModel(
  tf: TensorFlowNamespace,
  network: Network,
  weights: Named<Float32Array>,
): Tf.LayersModel {
  const x = tf.input({ name: `${network.name}_input`, shape: [...network.input] });
  const labels = network.conditional
    ? tf.input({ name: `${network.name}_label`, shape: [network.dimensions.classes] })
    : undefined;
  const exporter = new Exporter({ tf, labels, dimensions: network.dimensions }, weights);
  const y = exporter.connect(network.layers, x);
  const heads = Object.keys(network.heads).map(name => exporter.heads[name] as Tf.SymbolicTensor);
  return tf.model({
    name: network.name,
    inputs: labels === undefined ? x : [x, labels],
    outputs: heads.length === 0 ? y : [y, ...heads],
  });
}

/** Connects the stock layers of a network and sets their weights. */
class Exporter {
  readonly heads: Record<string, Tf.SymbolicTensor> = {};
  readonly #shared: Pick<ExportContext, 'tf' | 'labels' | 'dimensions'>;
  readonly #weights: Named<Float32Array>;

  constructor(shared: Pick<ExportContext, 'tf' | 'labels' | 'dimensions'>, weights: Named<Float32Array>) {
    this.#shared = shared;
    this.#weights = weights;
  }

  connect(layers: readonly BoundLayer[], x: Tf.SymbolicTensor): Tf.SymbolicTensor {
    return layers.reduce((input, layer) => {
      const { name, kind, params, output } = layer;
      const weights = layer.weights.map(weight => [weight.name, this.#weights[weight.key] as Float32Array]);
      const result = kind.export(input, params, {
        ...this.#shared,
        // Keras refuses a slash in the name of a layer.
        name: name.replaceAll('/', '_'),
        weights: Object.fromEntries(weights) as Named<Float32Array>,
        input: layer.input,
        output,
        branches: mapValues(layer.branches, branch => this.connect(branch, input)),
      });
      for (const stock of result.layers ?? []) setWeights(this.#shared.tf, stock);
      Object.assign(this.heads, result.heads);
      return result.y;
    }, x);
  }
}

function setWeights(tf: TensorFlowNamespace, { layer, weights = [] }: StockLayer): void {
  const shapes = layer.getWeights().map(({ shape }) => shape);
  const tensors = weights.map((values, index) => tf.tensor(values, shapes[index]));
  layer.setWeights(tensors);
  tf.dispose(tensors);
}
