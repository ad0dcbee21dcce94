import type * as Tf from '@tensorflow/tfjs';
import type { StepDefinition, TensorFlow } from '../core/tensorflow.ts';
import { forward, type ForwardOptions, type ForwardResult } from '../models/forward.ts';
import type { Network } from '../models/network.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import { optimizerState, updateNetwork, weightState } from './update.ts';

/** Runs the network in training mode on `x [B, …] float32`. */
export type NetworkPass = (x: Tf.Tensor, options?: Pick<ForwardOptions, 'labels' | 'logits'>) => Tf.Tensor;

export interface NetworkStepOptions<I extends string> {
  /** Of the initial weights. */
  readonly seed: number;
  readonly optimizer: Optimizer;
  /**
   * The loss `[]`, and other numbers `[]` that become metrics, from the inputs of the step. It calls `pass` once and, like a step,
   * reads no tensor's values and draws no random numbers.
   */
  readonly loss: (
    inputs: Readonly<Record<I, Tf.Tensor>>,
    pass: NetworkPass,
  ) => { readonly loss: Tf.Scalar; readonly metrics?: Readonly<Record<string, Tf.Tensor>> };
}

/**
 * A step that trains one network: the gradient of the loss, one update by the optimizer, the new state of layers.
 *
 * Inputs: those that the loss uses, `I`; `learningRate [] float32`; and, for a network with dropout, `seed [2] int32`.
 * Outputs, all `[]`: `loss`, and the metrics of the loss function.
 */
export function networkStep<I extends string>(
  tensorflow: TensorFlow,
  network: Network,
  { seed, optimizer, loss }: NetworkStepOptions<I>,
): StepDefinition {
  return {
    name: `${network.name} iteration`,
    state: { ...weightState(network, seed), ...optimizerState({ network, optimizer }) },
    run: (inputs, state) => {
      const learningRate = inputs['learningRate'] as Tf.Tensor;
      const result = updateNetwork(tensorflow, { network, optimizer, learningRate }, state, weights => {
        let moved: ForwardResult['state'] = {};
        const pass: NetworkPass = (x, options) => {
          const seeded = { ...options, training: true, seed: inputs['seed'] };
          const made = forward(tensorflow, network, weights, x, seeded);
          moved = made.state;
          return made.y;
        };
        const { loss: value, metrics = {} } = loss(inputs, pass);
        return { loss: value, moved, aux: metrics };
      });
      return { outputs: { loss: result.loss, ...result.aux }, updates: result.updates };
    },
  };
}
