import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlow } from '../core/tensorflow.ts';
import type { BoundLayer, Network, NetworkWeight } from './network.ts';
import type { ActivationName } from './layers/activations.ts';
import { finishLinear } from './layers/linear.ts';

export interface ForwardOptions {
  /** Batch statistics instead of moving ones, and dropout. */
  readonly training: boolean;
  /** One-hot labels `[B, classes]`; conditional networks need them. */
  readonly labels?: Tf.Tensor | undefined;
  /** `[2] int32`, for dropout; differs from call to call. */
  readonly seed?: Tf.Tensor | undefined;
  /** Leaves out a closing sigmoid: training works on logits. */
  readonly logits?: boolean;
  /** Every layer as it is written, without the rewrites below. For tests, which hold the two against each other. */
  readonly plain?: boolean;
}

export interface ForwardResult {
  readonly y: Tf.Tensor;
  /** In training: the batch's mean and variance `[C]` of each batch normalisation, by the keys of the moving ones. */
  readonly statistics: Readonly<Record<string, Tf.Tensor>>;
}

/** What goes from layer to layer: the tensor, and a bias that the next batch normalisation takes care of. */
interface Flow {
  readonly x: Tf.Tensor;
  readonly pendingBias: Tf.Tensor | undefined;
}

/**
 * Runs a network on `x [B, …] float32` with weights by key. Three rewrites leave the function as it is and save work:
 * nearest upsampling ×2 and a 3×3 convolution are one operation; a bias straight before a batch normalisation is
 * left out, since normalising cancels it; batch normalisation is one fused kernel.
 */
export function forward(
  tensorflow: TensorFlow,
  network: Network,
  weights: Readonly<Record<string, Tf.Tensor>>,
  x: Tf.Tensor,
  options: ForwardOptions,
): ForwardResult {
  const statistics: Record<string, Tf.Tensor> = {};
  const layers = options.logits === true ? withoutClosingSigmoid(network.layers) : network.layers;
  let flow: Flow = { x, pendingBias: undefined };
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index] as BoundLayer;
    const next = layers[index + 1];
    const weightsOf = (of: BoundLayer) => layerWeights(of, weights);
    const call = (of: BoundLayer) => ({
      tensorflow,
      training: options.training,
      weights: weightsOf(of),
      labels: options.labels,
      seed: options.seed?.add(tensorflow.tf.tensor1d([index, 0], 'int32')),
    });
    if (options.plain !== true && next !== undefined && foldsInto(layer, next)) {
      const y = tensorflow.ops.upsampledConv2d(flow.x, weightsOf(next)['kernel'] as Tf.Tensor);
      flow = afterLinear(tensorflow, next, layers[index + 2], y, weightsOf(next)['bias']);
      index++;
    } else if (layer.kind.type === 'batchNormalization' && (options.training || options.plain !== true)) {
      const result = normalize(tensorflow, layer, weightsOf(layer), flow, options.training);
      for (const [name, value] of Object.entries(result.statistics))
        statistics[`${network.name}/${layer.name}/${name}`] = value;
      flow = { x: result.y, pendingBias: undefined };
    } else if (options.plain !== true && cancelsBias(layer, next)) {
      const { bias, ...others } = weightsOf(layer);
      const y = layer.kind.apply(flow.x, layer.params, { ...call(layer), weights: others }, layer);
      flow = { x: y, pendingBias: bias };
    } else {
      flow = { x: layer.kind.apply(flow.x, layer.params, call(layer), layer), pendingBias: undefined };
    }
  }
  return { y: flow.x, statistics };
}

/**
 * The weights that training changes. A bias whose batch normalisation cancels it has a gradient of exactly zero: it
 * keeps its initial value. (Computed with rounding, as in Keras, it moves by noise that cancels as well.)
 */
export function trainedWeights(network: Network): readonly NetworkWeight[] {
  const cancelled = new Set(
    network.layers
      .filter((layer, index) => cancelsBias(layer, network.layers[index + 1]))
      .map(layer => layer.weights.find(weight => weight.name === 'bias')),
  );
  return network.weights.filter(weight => weight.trainable && !cancelled.has(weight));
}

/** True for a nearest upsampling ×2 followed by a 3×3 convolution with stride 1 and padding `same`. */
function foldsInto(layer: BoundLayer, next: BoundLayer): boolean {
  const { kernelSize, strides, padding } = next.params;
  return (
    layer.kind.type === 'upSampling2d' &&
    layer.params['size'] === 2 &&
    next.kind.type === 'conv2d' &&
    kernelSize === 3 &&
    strides === 1 &&
    padding === 'same'
  );
}

/** True for a linear layer with a bias straight before a batch normalisation. */
function cancelsBias(layer: BoundLayer, next: BoundLayer | undefined): boolean {
  return (
    next?.kind.type === 'batchNormalization' &&
    layer.params['activation'] === 'linear' &&
    layer.weights.some(weight => weight.name === 'bias')
  );
}

function afterLinear(
  tensorflow: TensorFlow,
  layer: BoundLayer,
  next: BoundLayer | undefined,
  y: Tf.Tensor,
  bias: Tf.Tensor | undefined,
): Flow {
  if (cancelsBias(layer, next)) return { x: y, pendingBias: bias };
  const activation = layer.params['activation'] as ActivationName;
  const weights = bias === undefined ? {} : { bias };
  return { x: finishLinear(y, activation, { tensorflow, weights }), pendingBias: undefined };
}

/** Batch normalisation of `x + pendingBias`. */
function normalize(
  { tf, ops }: TensorFlow,
  layer: BoundLayer,
  weights: Readonly<Record<string, Tf.Tensor>>,
  { x, pendingBias }: Flow,
  training: boolean,
): { y: Tf.Tensor; statistics: Record<string, Tf.Tensor> } {
  const epsilon = layer.params['epsilon'] as number;
  const [gamma, beta, movingMean, movingVariance] = ['gamma', 'beta', 'movingMean', 'movingVariance'].map(
    name => weights[name] as Tf.Tensor,
  ) as [Tf.Tensor, Tf.Tensor, Tf.Tensor, Tf.Tensor];
  if (training) {
    const { y, mean, variance } = ops.batchNorm(x, gamma, beta, epsilon);
    // The bias moves the mean of what is normalised, and nothing else.
    const shifted = pendingBias === undefined ? mean : mean.add(pendingBias);
    return { y, statistics: { movingMean: shifted, movingVariance: variance } };
  }
  // Of what comes without its bias, the mean is less by that bias.
  const mean = pendingBias === undefined ? movingMean : movingMean.sub(pendingBias);
  return { y: tf.batchNorm(x, mean, movingVariance, beta, gamma, epsilon), statistics: {} };
}

function withoutClosingSigmoid(layers: readonly BoundLayer[]): readonly BoundLayer[] {
  const last = layers[layers.length - 1];
  if (last?.params['activation'] !== 'sigmoid') return layers;
  return last.kind.type === 'activation'
    ? layers.slice(0, -1)
    : [...layers.slice(0, -1), { ...last, params: { ...last.params, activation: 'linear' } }];
}

/** A layer's own weights by their short names. */
function layerWeights(
  layer: BoundLayer,
  weights: Readonly<Record<string, Tf.Tensor>>,
): Record<string, Tf.Tensor> {
  return Object.fromEntries(layer.weights.map(({ name, key }) => [name, weights[key] as Tf.Tensor]));
}

/** The new moving statistics after a training pass: `old · momentum + batch · (1 - momentum)`, by weight key. */
export function movedStatistics(
  network: Network,
  weights: Readonly<Record<string, Tf.Tensor>>,
  statistics: ForwardResult['statistics'],
): Record<string, Tf.Tensor> {
  const moved: Record<string, Tf.Tensor> = {};
  for (const layer of network.layers)
    for (const { key } of layer.weights) {
      const batch = statistics[key];
      if (batch === undefined) continue;
      const momentum = layer.params['momentum'] as number;
      moved[key] = (weights[key] as Tf.Tensor).mul(momentum).add(batch.mul(1 - momentum));
    }
  return moved;
}
