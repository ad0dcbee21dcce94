import type * as Tf from '@tensorflow/tfjs';
import type { StepDefinition, TensorFlow } from '../../core/tensorflow.ts';
import { product } from '../../models/shape.ts';

/** The weights that an optimizer moves, by the keys that they have in the state of the step. */
export type WeightShapes = readonly { readonly key: string; readonly shape: readonly number[] }[];

/** One update of weights. */
export interface OptimizerUpdate {
  /** The name that the optimizer's state was made with. */
  readonly name: string;
  /** Of the loss, by the keys of the weights. */
  readonly gradients: Readonly<Record<string, Tf.Tensor>>;
  /** The state of the step: weights and the optimizer's own state. */
  readonly state: Readonly<Record<string, Tf.Tensor>>;
  /** `[]` float32. */
  readonly learningRate: Tf.Tensor;
}

/** How gradients move weights: two pure functions over the state of a step. */
export interface Optimizer {
  /**
   * The optimizer's own state and its initial values, by keys that begin with the optimizer's kind.
   * @param name Of the weights as a group, such as the name of their network: two groups of one step have different names.
   */
  state(name: string, weights: WeightShapes): StepDefinition['state'];
  /** The new weights and the new state of the optimizer, by key. */
  update(tensorflow: TensorFlow, update: OptimizerUpdate): Record<string, Tf.Tensor>;
}

/** Zeros of each weight's shape, by the keys that follow from the weight's own. */
export function zerosFor(
  weights: WeightShapes,
  keysOf: (key: string) => readonly string[],
): StepDefinition['state'] {
  const entries = weights.flatMap(({ key, shape }) =>
    keysOf(key).map(own => [own, { shape, values: new Float32Array(product(shape)) }] as const),
  );
  return Object.fromEntries(entries);
}
