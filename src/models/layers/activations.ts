import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { TensorFlow } from '../../core/tensorflow.ts';

interface Activation {
  readonly apply: (x: Tf.Tensor, tensorflow: TensorFlow) => Tf.Tensor;
  /** Smallest and largest output; undefined where any number comes out. */
  readonly range?: readonly [number, number];
}

const ACTIVATIONS = {
  linear: { apply: x => x },
  relu: { apply: (x, { ops }) => ops.relu(x), range: [0, Infinity] },
  tanh: { apply: (x, { ops }) => ops.tanh(x), range: [-1, 1] },
  sigmoid: { apply: (x, { tf }) => tf.sigmoid(x), range: [0, 1] },
  elu: { apply: (x, { tf }) => tf.elu(x), range: [-1, Infinity] },
  softplus: { apply: (x, { tf }) => tf.softplus(x), range: [0, Infinity] },
} as const satisfies Record<string, Activation>;

/** Keras's name of an activation. */
export type ActivationName = keyof typeof ACTIVATIONS;

/** JSON Schema of an activation's name. */
export const activationSchema = (description: string) =>
  Type.Unsafe<ActivationName>(
    Type.Union(
      Object.keys(ACTIVATIONS).map(name => Type.Literal(name)),
      { description, default: 'linear' },
    ),
  );

/** Applies an activation to every element. */
export const activate = (tensorflow: TensorFlow, x: Tf.Tensor, name: ActivationName): Tf.Tensor =>
  ACTIVATIONS[name].apply(x, tensorflow);

/** Smallest and largest output of an activation; undefined for one without bounds, and for anything else. */
export function activationRange(name: unknown): Activation['range'] {
  const activation: Activation | undefined = ACTIVATIONS[name as ActivationName];
  return activation?.range;
}
