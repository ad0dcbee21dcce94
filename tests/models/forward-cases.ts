import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { bindNetwork } from '../../src/models/bind.ts';
import { toLayersModel } from '../../src/models/export.ts';
import { forward, trainedWeights, type ForwardOptions } from '../../src/models/forward.ts';
import { layerKinds } from '../../src/models/layers/index.ts';
import type { Network } from '../../src/models/network.ts';
import { product } from '../../src/models/shape.ts';
import { gradientsOf } from '../../src/training/gradients.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyNetworks } from '../rig/tiny-gan.ts';

/** Weights that hide nothing: no zeros, no ones. */
function randomWeights(network: Network, seed: number): Record<string, Float32Array> {
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

function expectEqual(found: Float32Array, expected: Float32Array, tolerance = 1e-5): void {
  expect(found.length).toBe(expected.length);
  const scale = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
  const worst = found.reduce(
    (max, value, index) => Math.max(max, Math.abs(value - (expected[index] as number))),
    0,
  );
  expect(worst).toBeLessThanOrEqual(tolerance * scale);
}

export function forwardCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  /** Outputs, state and gradients of a network as it is written and as it is rewritten. */
  function run(network: Network, options: ForwardOptions) {
    const { tf } = tensorflow;
    let result = new Map<string, Float32Array>();
    tf.tidy(() => {
      const random = new Random(7);
      const x = tf.tensor(random.normals(4 * product(network.input)), [4, ...network.input]);
      const values = randomWeights(network, 5);
      const weights = Object.fromEntries(
        network.weights.map(({ key, shape }) => [key, tf.tensor(values[key] as Float32Array, [...shape])]),
      );
      const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 1], 'int32'), 3).cast('float32');
      const trained = Object.fromEntries(
        trainedWeights(network).map(({ key }) => [key, weights[key] as Tf.Tensor]),
      );
      const target = tf.tensor(random.normals(4 * product(network.output)), [4, ...network.output]);
      const { aux, gradients } = gradientsOf(tf, trained, current => {
        const { y, state } = forward(tensorflow, network, { ...weights, ...current }, x, {
          ...options,
          labels,
        });
        return { loss: y.mul(target).sum<Tf.Scalar>(), aux: { y, ...state } };
      });
      const read = (tensors: Readonly<Record<string, Tf.Tensor>>) =>
        Object.entries(tensors).map(([name, tensor]) => [name, tensor.dataSync() as Float32Array] as const);
      result = new Map([...read(aux), ...read(gradients)]);
    });
    return result;
  }

  test.each([
    ['generator', true],
    ['generator', false],
    ['discriminator', true],
    ['discriminator', false],
  ] as const)(
    'rewriting leaves the %s as it is (training: %s): outputs, statistics, gradients',
    (which, training) => {
      const network = tinyNetworks(true)[which];
      const written = run(network, { training, plain: true });
      const rewritten = run(network, { training });
      expect([...rewritten.keys()].sort()).toEqual([...written.keys()].sort());
      for (const [name, values] of rewritten) expectEqual(values, written.get(name) as Float32Array, 1e-5);
    },
  );

  test('an exported layers model computes what forward does', () => {
    const { tf } = tensorflow;
    for (const network of Object.values(tinyNetworks(true)) as Network[]) {
      const values = randomWeights(network, 9);
      const model = toLayersModel(tf, network, values);
      tf.tidy(() => {
        const x = tf.randomNormal([3, ...network.input]);
        const labels = tf.oneHot(tf.tensor1d([2, 0, 1], 'int32'), 3).cast('float32');
        const weights = Object.fromEntries(
          network.weights.map(({ key, shape }) => [key, tf.tensor(values[key] as Float32Array, [...shape])]),
        );
        const { y } = forward(tensorflow, network, weights, x, { training: false, labels });
        const exported = model.predict([x, labels]) as Tf.Tensor;
        expectEqual(y.dataSync() as Float32Array, exported.dataSync() as Float32Array);
      });
      model.dispose();
    }
  });
  describe('every kind of layer is the same function as its stock layer', () => {
    const images = [6, 6, 4];
    const parameters: Record<string, Record<string, unknown>> = {
      dense: { units: 5, activation: 'elu' },
      reshape: { targetShape: [12, 12] },
      conv2d: { filters: 3, kernelSize: 3, strides: 2, activation: 'softplus' },
      conv2dTranspose: { filters: 3, kernelSize: 4, strides: 2 },
      upSampling2d: { size: 3 },
      activation: { activation: 'tanh' },
      dropout: { rate: 0.5 },
    };

    test.each([...layerKinds.keys()])('%s', type => {
      const { tf } = tensorflow;
      const input = type === 'dense' ? [7] : images;
      const dimensions = { height: 6, width: 6, channels: 4, classes: 3, latent: 7 };
      const network = bindNetwork('net', { layers: [{ use: type, ...parameters[type] }] }, input, dimensions);
      const values = randomWeights(network, 11);
      const model = toLayersModel(tf, network, values);
      tf.tidy(() => {
        const x = tf.randomNormal([2, ...input]);
        const labels = tf.oneHot(tf.tensor1d([2, 0], 'int32'), 3).cast('float32');
        const weights = Object.fromEntries(
          network.weights.map(({ key, shape }) => [key, tf.tensor(values[key] as Float32Array, [...shape])]),
        );
        const { y } = forward(tensorflow, network, weights, x, { training: false, labels, plain: true });
        const exported = model.predict(network.conditional ? [x, labels] : x) as Tf.Tensor;
        expect(y.shape.slice(1)).toEqual([...network.output]);
        expect(exported.shape).toEqual(y.shape);
        expectEqual(y.dataSync() as Float32Array, exported.dataSync() as Float32Array);
      });
      model.dispose();
    });
  });

  test('dropout drops the share that it is told to, differently at every call, and scales the rest', () => {
    const { tf } = tensorflow;
    const dimensions = { height: 1, width: 1, channels: 1, classes: 2, latent: 1 };
    const network = bindNetwork('net', { layers: [{ use: 'dropout', rate: 0.25 }] }, [1000], dimensions);
    const drop = (call: number) =>
      tf.tidy(() => {
        const seed = tf.tensor1d([5, call], 'int32');
        return forward(tensorflow, network, {}, tf.ones([8, 1000]), {
          training: true,
          seed,
        }).y.dataSync() as Float32Array;
      });
    const [first, again, other] = [drop(1), drop(1), drop(2)];
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    const dropped = first.filter(value => value === 0).length / first.length;
    expect(dropped).toBeGreaterThan(0.22);
    expect(dropped).toBeLessThan(0.28);
    expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  });
}
