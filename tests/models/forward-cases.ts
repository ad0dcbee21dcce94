import { beforeAll, describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { forward } from '../../src/models/forward.ts';
import { layerKinds } from '../../src/models/layers/index.ts';
import type { Network } from '../../src/models/network.ts';
import { expectExportIsForward, expectSamePass, networkOf, passOf } from '../rig/networks.ts';
import { expectSavedIsForward } from '../rig/saved-model.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';
import { tinyNetworks } from '../rig/tiny-gan.ts';

export function forwardCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  test.each([
    ['generator', true],
    ['generator', false],
    ['discriminator', true],
    ['discriminator', false],
  ] as const)(
    'rewriting leaves the %s as it is (training: %s): outputs, statistics, gradients',
    (which, training) => {
      const network = tinyNetworks(true)[which];
      const written = passOf(tensorflow, network, { training, plain: true });
      expectSamePass(passOf(tensorflow, network, { training }), written);
    },
  );

  test('an exported layers model computes what forward does, and so does a SavedModel', async () => {
    for (const network of Object.values(tinyNetworks(true)) as Network[]) {
      expectExportIsForward(tensorflow, network);
      await expectSavedIsForward(tensorflow, network);
    }
  });

  describe('every kind of layer is the same function as its stock layers, and saved', () => {
    const parameters: Record<string, Record<string, unknown>> = {
      dense: { units: 5, activation: 'elu' },
      reshape: { targetShape: [12, 12] },
      conv2d: { filters: 3, kernelSize: 3, strides: 2, activation: 'softplus' },
      conv2dTranspose: { filters: 3, kernelSize: 4, strides: 2 },
      upSampling2d: { size: 3 },
      activation: { activation: 'tanh' },
      depthwiseConv2d: { kernelSize: 3, strides: 2, depthMultiplier: 2, activation: 'gelu' },
      layerNormalization: { axis: [1, 2, 3] },
      groupNormalization: { groups: 2 },
      prelu: { sharedAxes: [1, 2] },
      dropout: { rate: 0.5 },
      spatialDropout2d: { rate: 0.5 },
      gaussianNoise: { stddev: 0.5 },
      embedding: { outputDim: 5 },
      zeroPadding2d: {
        padding: [
          [1, 0],
          [2, 3],
        ],
      },
      residual: { layers: [{ use: 'conv2d', filters: 4, kernelSize: 3, activation: 'tanh' }] },
      sequential: {
        name: 'up',
        layers: [{ use: 'upSampling2d' }, { use: 'conv2d', filters: 2, kernelSize: 3 }],
      },
      parallel: {
        branches: [[], [{ use: 'conv2d', filters: 3, kernelSize: 3 }], [{ use: 'dropout', rate: 0.5 }]],
      },
    };

    const ofRows = new Set(['dense', 'projection', 'class-head']);

    const networkWith = (type: string) =>
      networkOf([{ use: type, ...parameters[type] }], ofRows.has(type) ? [7] : [6, 6, 4]);

    test.each([...layerKinds.keys()])('%s', async type => {
      expectExportIsForward(tensorflow, networkWith(type));
      await expectSavedIsForward(tensorflow, networkWith(type));
    });

    const keeping = [...layerKinds.values()].filter(kind => kind.keepsRange?.({}) === true);
    test.each(keeping.map(({ type }) => type))('%s keeps numbers within their range, as it says', type => {
      const { tf } = tensorflow;
      const network = networkWith(type);
      tf.tidy(() => {
        const x = tf.randomUniform([2, ...network.input], 2, 3);
        const { y } = forward(tensorflow, network, {}, x, { training: true });
        const [low, high] = [y.min(), y.max()].map(bound => bound.dataSync()[0] as number);
        expect(low).toBeGreaterThanOrEqual(2);
        expect(high).toBeLessThanOrEqual(3);
      });
    });
  });

  test('dropout drops the share that it is told to, differently at every call, and scales the rest', () => {
    const { tf } = tensorflow;
    const network = networkOf([{ use: 'dropout', rate: 0.25 }], [1000]);
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

  test.each([
    ['concatenate', [7]],
    ['multiply', [7]],
    ['add', [7]],
    ['replace', [7]],
    ['multiply', [6, 6, 7]],
    ['add', [6, 6, 7]],
    ['replace', [6, 6, 7]],
  ] as const)(
    'an embedding that is to %s %j is the same function as its stock layers, and saved',
    async (merge, input) => {
      const network = networkOf([{ use: 'embedding', outputDim: 7, merge }], input);
      expectExportIsForward(tensorflow, network);
      await expectSavedIsForward(tensorflow, network);
    },
  );

  test.each([
    [{ use: 'embedding', outputDim: 5, spectralNormalization: true }, [7]],
    [{ use: 'depthwiseConv2d', kernelSize: 3, depthMultiplier: 2, spectralNormalization: true }, [6, 6, 4]],
  ])('spectral normalisation is in the kernel of the stock layers of %j', async (layer, input) => {
    const network = networkOf([layer], input);
    expect(network.weights.map(({ name }) => name)).toContain('u');
    expectExportIsForward(tensorflow, network);
    await expectSavedIsForward(tensorflow, network);
  });

  test('spatial dropout drops whole channels of single images', () => {
    const { tf } = tensorflow;
    const network = networkOf([{ use: 'spatialDropout2d', rate: 0.25 }], [2, 3, 500]);
    tf.tidy(() => {
      const seed = tf.tensor1d([5, 1], 'int32');
      const { y } = forward(tensorflow, network, {}, tf.ones([4, 2, 3, 500]), { training: true, seed });
      const [low, high] = [y.min([1, 2]), y.max([1, 2])].map(each => each.dataSync() as Float32Array);
      expect(low).toEqual(high);
      const kept = low as Float32Array;
      expect(new Set(kept)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
      expect(kept.filter(value => value === 0).length / kept.length).toBeCloseTo(0.25, 1);
      expect(kept.slice(0, 500)).not.toEqual(kept.slice(500, 1000));
    });
  });

  test('noise is normal, different in every call, and none after training', () => {
    const { tf } = tensorflow;
    const network = networkOf([{ use: 'gaussianNoise', stddev: 0.5 }], [5000]);
    const noisy = (call: number, training = true) =>
      tf.tidy(() => {
        const seed = tf.tensor1d([5, call], 'int32');
        return forward(tensorflow, network, {}, tf.zeros([4, 5000]), {
          training,
          seed,
        }).y.dataSync() as Float32Array;
      });
    const values = noisy(1);
    const share = (limit: number) => values.filter(value => Math.abs(value) < limit).length / values.length;
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0, 1);
    expect(share(0.5)).toBeCloseTo(0.6827, 1);
    expect(share(1)).toBeCloseTo(0.9545, 1);
    expect(share(1.5)).toBeCloseTo(0.9973, 2);
    expect(Buffer.from(noisy(1).buffer).equals(Buffer.from(values.buffer))).toBe(true);
    expect(Buffer.from(noisy(2).buffer).equals(Buffer.from(values.buffer))).toBe(false);
    expect(new Set(noisy(1, false))).toEqual(new Set([0]));
  });
}
