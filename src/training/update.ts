import type * as Tf from '@tensorflow/tfjs';
import type { StepDefinition, TensorFlow } from '../core/tensorflow.ts';
import { trainedWeights, type ForwardResult } from '../models/forward.ts';
import { initialWeights } from '../models/initial-weights.ts';
import type { Network } from '../models/network.ts';
import { gradientsOf } from './gradients.ts';
import type { Optimizer } from './optimizers/optimizer.ts';

type Tensors = Readonly<Record<string, Tf.Tensor>>;

/** A network, and what moves its weights. */
export interface Trainee {
  readonly network: Network;
  readonly optimizer: Optimizer;
  /** `[]` float32. */
  readonly learningRate: Tf.Tensor;
}

/** What a loss function returns. */
export interface NetworkLoss {
  /** `[]` float32. */
  readonly loss: Tf.Scalar;
  /** The new state of the network's pass in training mode, such as moving statistics; see `forward`. */
  readonly moved: ForwardResult['state'];
  /** Tensors that are wanted besides, without gradients. */
  readonly aux?: Tensors;
}

export interface NetworkUpdate {
  readonly loss: Tf.Scalar;
  readonly aux: Tensors;
  /** New weights, state of the network and state of the optimizer, by key. */
  readonly updates: Tensors;
}

/** The weights of a network as state of a step, initialised from a seed. */
export function weightState(network: Network, seed: number): StepDefinition['state'] {
  const values = initialWeights(network, seed);
  return Object.fromEntries(
    network.weights.map(({ key, shape }) => [key, { shape, values: values[key] as Float32Array }]),
  );
}

/** The state of a network's optimizer as state of a step. */
export const optimizerState = ({
  network,
  optimizer,
}: Omit<Trainee, 'learningRate'>): StepDefinition['state'] =>
  optimizer.state(network.name, trainedWeights(network));

/**
 * One update of a network towards a smaller loss. Call it in the `run` of a step.
 * @param state The state of the step, by key.
 * @param loss Gets the state with the weights that the gradients are taken with respect to.
 */
export function updateNetwork(
  tensorflow: TensorFlow,
  { network, optimizer, learningRate }: Trainee,
  state: Tensors,
  loss: (state: Tensors) => NetworkLoss,
): NetworkUpdate {
  const weights = Object.fromEntries(
    trainedWeights(network).map(({ key }) => [key, state[key] as Tf.Tensor]),
  );
  // Both kinds of tensors leave the differentiated function by one record.
  const result = gradientsOf(tensorflow.tf, weights, current => {
    const { loss: value, moved, aux = {} } = loss({ ...state, ...current });
    return {
      loss: withDecay(value, network, current),
      aux: { ...prefixed('moved', moved), ...prefixed('aux', aux) },
    };
  });
  const { gradients } = result;
  return {
    loss: result.loss,
    aux: unprefixed('aux', result.aux),
    updates: {
      ...optimizer.update(tensorflow, { name: network.name, gradients, state, learningRate }),
      ...unprefixed('moved', result.aux),
    },
  };
}

/** A loss with the weight decay of the network's kernels: `l2 · Σ w²` for each that has one. */
function withDecay(loss: Tf.Scalar, network: Network, weights: Tensors): Tf.Scalar {
  return network.weights.reduce<Tf.Scalar>((sum, { key, l2 }) => {
    const weight = weights[key];
    return l2 === undefined || weight === undefined ? sum : sum.add(weight.square().sum().mul(l2));
  }, loss);
}

const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix} ${name}`, tensor]));

const unprefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(`${prefix} `) ? [[name.slice(prefix.length + 1), tensor]] : [],
    ),
  );
