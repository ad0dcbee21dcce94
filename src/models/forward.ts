import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlow } from '../core/tensorflow.ts';
import type { LayerContext, LayerResult, Named } from './layer.ts';
import { mapValues } from './map-values.ts';
import { flattened, type BoundLayer, type Network, type NetworkWeight } from './network.ts';
import { rewrites } from './rewrites/index.ts';
import { rewriteLayers, type PassLayer } from './rewrites/rewrite.ts';

export interface ForwardOptions {
  /** Batch statistics instead of moving ones, dropout, and new state. */
  readonly training: boolean;
  /** One-hot labels `[B, classes] float32`; conditional networks need them. */
  readonly labels?: Tf.Tensor | undefined;
  /** Random seed `[2] int32`, for dropout; another one in each call. */
  readonly seed?: Tf.Tensor | undefined;
  /** Leaves out a closing sigmoid or softmax: training works on logits. */
  readonly logits?: boolean;
  /** Runs every layer as written, without rewrites. For tests, which compare the two. */
  readonly plain?: boolean;
}

export interface ForwardResult {
  readonly y: Tf.Tensor;
  /** Outputs of the network beside `y`, by name. */
  readonly heads: Named<Tf.Tensor>;
  /** In training: new values of weights that are not trained, by key. No gradient flows through them. */
  readonly state: Named<Tf.Tensor>;
}

/**
 * Forward pass of a network.
 * @param weights By key; those of other networks may be among them.
 * @param x `[B, …] float32`.
 */
export function forward(
  tensorflow: TensorFlow,
  network: Network,
  weights: Named<Tf.Tensor>,
  x: Tf.Tensor,
  options: ForwardOptions,
): ForwardResult {
  const written = options.logits === true ? withoutClosingActivation(network.layers) : network.layers;
  const layers = options.plain === true ? written : rewriteLayers(written, rewrites);
  const pass = new Pass(tensorflow, weights, options);
  const y = pass.run(layers, x);
  return { y, heads: pass.heads, state: pass.state };
}

/** Weights that an optimizer changes: those that are trainable in the rewritten network. */
export function trainedWeights(network: Network): readonly NetworkWeight[] {
  const trained = new Set(
    flattened(rewriteLayers(network.layers, rewrites))
      .flatMap(({ weights }) => weights)
      .filter(({ trainable }) => trainable)
      .map(({ key }) => key),
  );
  return network.weights.filter(({ key }) => trained.has(key));
}

/** One forward pass: collects heads and state of its layers. */
class Pass {
  readonly heads: Record<string, Tf.Tensor> = {};
  readonly state: Record<string, Tf.Tensor> = {};
  readonly #tensorflow: TensorFlow;
  readonly #weights: Named<Tf.Tensor>;
  readonly #options: ForwardOptions;

  constructor(tensorflow: TensorFlow, weights: Named<Tf.Tensor>, options: ForwardOptions) {
    this.#tensorflow = tensorflow;
    this.#weights = weights;
    this.#options = options;
  }

  run(layers: readonly PassLayer[], x: Tf.Tensor): Tf.Tensor {
    return layers.reduce((input, layer) => {
      const branches = mapValues(layer.branches, branch => this.run(branch, input));
      const result = layer.kind.apply(input, layer.params, this.#context(layer, branches));
      this.#keep(layer, result);
      return result.y;
    }, x);
  }

  #context(layer: PassLayer, branches: Named<Tf.Tensor>): LayerContext {
    const { training, labels, seed } = this.#options;
    const { tf } = this.#tensorflow;
    const weights = layer.weights.map(({ name, key }) => [name, this.#weights[key] as Tf.Tensor]);
    return {
      tensorflow: this.#tensorflow,
      training,
      weights: Object.fromEntries(weights) as Named<Tf.Tensor>,
      labels,
      // Computed on demand: few layers draw random numbers.
      get seed() {
        return seed?.add<Tf.Tensor>(tf.tensor1d([layer.position, 0], 'int32'));
      },
      input: layer.input,
      output: layer.output,
      branches,
    };
  }

  #keep({ name: layer, weights }: PassLayer, { heads, state = {} }: LayerResult): void {
    Object.assign(this.heads, heads);
    for (const [name, value] of Object.entries(state)) {
      const weight = weights.find(each => each.name === name);
      if (weight === undefined || weight.trainable)
        throw new Error(`${layer} gives new state for ${name}, which is no state of its own`);
      this.state[weight.key] = value;
    }
  }
}

/** Activations that make probabilities of logits. */
const CLOSING: readonly unknown[] = ['sigmoid', 'softmax'];

function withoutClosingActivation(layers: readonly BoundLayer[]): readonly BoundLayer[] {
  const last = layers[layers.length - 1];
  if (last?.kind.group !== undefined)
    return [
      ...layers.slice(0, -1),
      { ...last, branches: mapValues(last.branches, withoutClosingActivation) },
    ];
  if (last === undefined || !CLOSING.includes(last.params['activation'])) return layers;
  return [...layers.slice(0, -1), { ...last, params: { ...last.params, activation: 'linear' } }];
}
