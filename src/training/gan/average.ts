/** Moving average of the generator's weights (Karras et al. 2018; Yazıcı et al. 2019). */
import type * as Tf from '@tensorflow/tfjs';
import type { StepDefinition } from '../../core/tensorflow.ts';
import { trainedWeights } from '../../models/forward.ts';
import type { Network } from '../../models/network.ts';
import type { StepState } from '../task.ts';

type Tensors = Readonly<Record<string, Tf.Tensor>>;

/** Folder of the generator with its last weights, where the average is saved as the generator. */
export const LAST_GENERATOR = 'generator-last';

const averageKey = (key: string): string => `ema/${key}`;

/** The averages as state of a step: at first the weights themselves. */
export const averageState = (network: Network, weights: StepDefinition['state']): StepDefinition['state'] =>
  Object.fromEntries(
    trainedWeights(network).map(({ key }) => [
      averageKey(key),
      weights[key] as StepDefinition['state'][string],
    ]),
  );

/** The averages after an update: `average + weight · (value - average)`. @param weight `[]` float32 */
export const updatedAverages = (network: Network, state: Tensors, weight: Tf.Tensor): Tensors =>
  Object.fromEntries(
    trainedWeights(network).map(({ key }) => {
      const average = state[averageKey(key)] as Tf.Tensor;
      return [averageKey(key), average.add((state[key] as Tf.Tensor).sub(average).mul(weight))];
    }),
  );

/**
 * The weight of an iteration's values in the average, `1 - decay`. At first it is larger, 9 / (10 + iteration), so that the initial
 * weights are soon forgotten (`num_updates` of TensorFlow's ExponentialMovingAverage).
 */
export const averageWeight = (decay: number, iteration: number): number =>
  1 - Math.min(decay, (1 + iteration) / (10 + iteration));

/** A state in which the averages take the place of the network's trained weights; the others, moving statistics, are as they are. */
export const averagedWeights = (network: Network, state: StepState): StepState => ({
  ...state,
  ...Object.fromEntries(
    trainedWeights(network).flatMap(({ key }) => {
      const average = state[averageKey(key)];
      return average === undefined ? [] : [[key, average] as const];
    }),
  ),
});
