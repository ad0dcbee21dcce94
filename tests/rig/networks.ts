import type * as Tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { Random } from '../../src/core/random.ts';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { bindNetwork } from '../../src/models/bind.ts';
import { toLayersModel } from '../../src/models/export.ts';
import type { LayerKinds } from '../../src/models/layer-specs.ts';
import { forward, trainedWeights, type ForwardOptions } from '../../src/models/forward.ts';
import type { Network } from '../../src/models/network.ts';
import { product, type Shape } from '../../src/models/shape.ts';
import { gradientsOf } from '../../src/training/gradients.ts';

/** Images in every pass below. */
const BATCH = 4;

export const testDimensions = { height: 6, width: 6, channels: 4, classes: 3, latent: 7 };

/** A network called `net` of these layers. */
export const networkOf = (layers: readonly LayerSpec[], input: Shape, kinds?: LayerKinds): Network =>
  bindNetwork('net', { layers }, input, testDimensions, kinds);

/** Weights that hide nothing: no zeros, no ones. */
export function randomWeights(network: Network, seed: number): Record<string, Float32Array> {
  const random = new Random(seed);
  return Object.fromEntries(
    network.weights.map(({ key, name, shape }) => [
      key,
      Float32Array.from({ length: product(shape) }, () =>
        name === 'movingVariance' ? random.uniform(0.5, 1.5) : random.uniform(-0.5, 0.5),
      ),
    ]),
  );
}

/** Weights as tensors, by key. */
export const weightTensors = (
  { tf }: TensorFlow,
  network: Network,
  values: Readonly<Record<string, Float32Array>>,
): Record<string, Tf.Tensor> =>
  Object.fromEntries(
    network.weights.map(({ key, shape }) => [key, tf.tensor(values[key] as Float32Array, [...shape])]),
  );

/** One-hot labels of the batch. */
const testLabels = ({ tf }: TensorFlow): Tf.Tensor =>
  tf.oneHot(tf.tensor1d([0, 1, 2, 1], 'int32'), testDimensions.classes).cast('float32');

/** True within a tolerance relative to the largest value expected, or to 1. */
export function expectClose(found: Float32Array, expected: Float32Array, tolerance = 1e-5): void {
  expect(found.length).toBe(expected.length);
  const scale = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
  const worst = found.reduce(
    (max, value, index) => Math.max(max, Math.abs(value - (expected[index] as number))),
    0,
  );
  expect(worst).toBeLessThanOrEqual(tolerance * scale);
}

export type PassValues = ReadonlyMap<string, Float32Array>;

/** Outputs `y` and heads, new state and gradients, by name, of a pass with random weights, inputs and loss. */
export function passOf(tensorflow: TensorFlow, network: Network, options: ForwardOptions): PassValues {
  const { tf } = tensorflow;
  let result: PassValues = new Map();
  tf.tidy(() => {
    const random = new Random(7);
    const noise = (shape: Shape) => tf.tensor(random.normals(BATCH * product(shape)), [BATCH, ...shape]);
    const x = noise(network.input);
    const weights = weightTensors(tensorflow, network, randomWeights(network, 5));
    const trained = Object.fromEntries(
      trainedWeights(network).map(({ key }) => [key, weights[key] as Tf.Tensor]),
    );
    const targets = Object.entries({ y: network.output, ...network.heads }).map(
      ([name, shape]) => [name, noise(shape)] as const,
    );
    const labels = testLabels(tensorflow);
    const { aux, gradients } = gradientsOf(tf, trained, current => {
      const all = { ...weights, ...current };
      const { y, heads, state } = forward(tensorflow, network, all, x, { ...options, labels });
      const outputs: Record<string, Tf.Tensor> = { y, ...heads };
      const losses = targets.map(([name, target]) => (outputs[name] as Tf.Tensor).mul(target).sum());
      return { loss: tf.addN(losses) as Tf.Scalar, aux: { ...outputs, ...prefixed('state', state) } };
    });
    const read = (tensors: Readonly<Record<string, Tf.Tensor>>) =>
      Object.entries(tensors).map(([name, tensor]) => [name, tensor.dataSync() as Float32Array] as const);
    result = new Map(read({ ...aux, ...prefixed('gradient', gradients) }));
  });
  return result;
}

const prefixed = (prefix: string, tensors: Readonly<Record<string, Tf.Tensor>>): Record<string, Tf.Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [`${prefix} ${key}`, tensor]));

export function expectSamePass(found: PassValues, expected: PassValues, tolerance?: number): void {
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, values] of found) expectClose(values, expected.get(name) as Float32Array, tolerance);
}

/** Compares a pass after training with the network's stock layers model, output by output. */
export function expectExportIsForward(tensorflow: TensorFlow, network: Network, tolerance?: number): void {
  const { tf } = tensorflow;
  const values = randomWeights(network, 11);
  const model = toLayersModel(tf, network, values);
  tf.tidy(() => {
    const x = tf.randomNormal([BATCH, ...network.input]);
    const labels = testLabels(tensorflow);
    const weights = weightTensors(tensorflow, network, values);
    const { y, heads } = forward(tensorflow, network, weights, x, { training: false, labels });
    const outputs = [y, ...Object.keys(network.heads).map(name => heads[name] as Tf.Tensor)];
    const exported = [model.predict(network.conditional ? [x, labels] : x)].flat();
    expect(exported.map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
    expect(y.shape.slice(1)).toEqual([...network.output]);
    outputs.forEach((output, index) =>
      expectClose(
        (exported[index] as Tf.Tensor).dataSync() as Float32Array,
        output.dataSync() as Float32Array,
        tolerance,
      ),
    );
  });
  model.dispose();
}
