/** Outputs and gradients of layers, computed by an independent implementation: scripts in bench/reference/ make them. */
import { readFileSync } from 'node:fs';
import type * as Tf from '@tensorflow/tfjs';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';

export interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export type NamedNumbers = Readonly<Record<string, Numbers>>;

interface FixturePass {
  readonly training: boolean;
  readonly outputs: NamedNumbers;
  /** By layer and weight: `dense/u`. */
  readonly state: NamedNumbers;
  /** Of the sum of all outputs times their targets. */
  readonly gradients: NamedNumbers;
}

/** A network on the same `x` in several passes, each of which hands on its state. */
export interface FixtureCase {
  readonly layers: readonly LayerSpec[];
  readonly x: Numbers;
  readonly weights: NamedNumbers;
  readonly targets: NamedNumbers;
  readonly passes: readonly [...FixturePass[], FixturePass];
}

interface LayerFixture {
  readonly labels: number[];
  readonly classes: number;
  readonly cases: Readonly<Record<string, FixtureCase>>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/reference/${name}.json`, import.meta.url), 'utf8'));

/** By PyTorch: spectral normalisation, conditional batch normalisation, and the heads of discriminators. */
export const conditioningFixture = read('conditioning') as LayerFixture;

/** By Keras: other layers and activations, and in `decayed` those whose loss has a weight decay. */
export const layersFixture = read('layers') as LayerFixture &
  Pick<LayerFixture, 'cases'> & {
    readonly decayed: LayerFixture['cases'];
  };

export const tensorOf = ({ tf }: TensorFlow, { shape, values }: Numbers): Tf.Tensor =>
  tf.tensor([...values], [...shape]);

/** Tensors by their names in a network called `net`. */
export const tensorsOf = (
  tensorflow: TensorFlow,
  numbers: NamedNumbers,
  prefix = 'net/',
): Record<string, Tf.Tensor> =>
  Object.fromEntries(
    Object.entries(numbers).map(([name, each]) => [`${prefix}${name}`, tensorOf(tensorflow, each)]),
  );

/** One-hot labels `[B, classes] float32`. */
export function oneHotOf({ tf }: TensorFlow, { labels, classes }: LayerFixture): Tf.Tensor {
  return tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32');
}
