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
      dropout: { rate: 0.5 },
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
}
