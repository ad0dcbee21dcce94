import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { TensorFlow, TensorFlowNamespace } from '../../core/tensorflow.ts';

interface Activation {
  readonly apply: (x: Tf.Tensor, tensorflow: TensorFlow) => Tf.Tensor;
  /** Smallest and largest output; undefined where any number comes out. */
  readonly range?: readonly [number, number];
  /** Name in stock TensorFlow.js, where it differs. */
  readonly stock?: string;
}

const [SELU_SCALE, SELU_ALPHA] = [1.050_700_987_355_480_5, 1.673_263_242_354_377_2];

/** Klambauer et al. 2017. Made of operations whose gradients have gradients, unlike TensorFlow.js's. */
const selu = (x: Tf.Tensor, { ops }: TensorFlow): Tf.Tensor =>
  ops.relu(x).add(ops.relu(x.neg()).neg().expm1().mul(SELU_ALPHA)).mul(SELU_SCALE);

/** x · Φ(x), Φ being the distribution function of the standard normal (Hendrycks & Gimpel 2016): the exact form, as in Keras. */
const gelu = (x: Tf.Tensor): Tf.Tensor => x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5);

const ACTIVATIONS = {
  linear: { apply: x => x },
  relu: { apply: (x, { ops }) => ops.relu(x), range: [0, Infinity] },
  tanh: { apply: (x, { ops }) => ops.tanh(x), range: [-1, 1] },
  sigmoid: { apply: (x, { tf }) => tf.sigmoid(x), range: [0, 1] },
  elu: { apply: (x, { tf }) => tf.elu(x), range: [-1, Infinity] },
  softplus: { apply: (x, { tf }) => tf.softplus(x), range: [0, Infinity] },
  selu: { apply: selu, range: [-1.758_099_4, Infinity] },
  gelu: { apply: gelu, range: [-0.169_971_3, Infinity] },
  softmax: { apply: (x, { tf }) => tf.softmax(x), range: [0, 1] },
  silu: { apply: x => x.mul(x.sigmoid()), range: [-0.278_464_6, Infinity], stock: 'swish' },
} as const satisfies Record<string, Activation>;

/** Keras's name of an activation. */
export type ActivationName = keyof typeof ACTIVATIONS;

type StockActivation = NonNullable<Parameters<TensorFlowNamespace['layers']['activation']>[0]['activation']>;

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

/** Name of an activation in stock TensorFlow.js. */
export function stockActivation(name: ActivationName): StockActivation {
  const { stock = name }: Activation = ACTIVATIONS[name];
  return stock as StockActivation;
}

/** Smallest and largest output of an activation; undefined for one without bounds, and for anything else. */
export function activationRange(name: unknown): Activation['range'] {
  const activation: Activation | undefined = ACTIVATIONS[name as ActivationName];
  return activation?.range;
}
