import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { toLayersModel } from '../../src/models/export.ts';
import { forward, trainedWeights } from '../../src/models/forward.ts';
import { classHead } from '../../src/models/layers/class-head.ts';
import type { AnyLayerKind } from '../../src/models/layer.ts';
import { layerKinds } from '../../src/models/layers/index.ts';
import {
  expectClose,
  expectExportIsForward,
  expectSamePass,
  networkOf,
  passOf,
  randomWeights,
  weightTensors,
} from '../rig/networks.ts';
import { expectSavedIsForward } from '../rig/saved-model.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

const spectralDense = { use: 'dense', units: 4, useBias: false, spectralNormalization: true };

const upsampledBlock: readonly LayerSpec[] = [
  { use: 'upSampling2d' },
  { use: 'conv2d', filters: 5, kernelSize: 3 },
  { use: 'batchNormalization', momentum: 0.7 },
  { use: 'activation', activation: 'relu' },
];

/** A residual block of a generator, with another one inside. */
const residual: LayerSpec = {
  use: 'residual',
  layers: [...upsampledBlock, { use: 'residual', layers: [{ use: 'conv2d', filters: 5, kernelSize: 3 }] }],
  shortcut: [{ use: 'upSampling2d' }, { use: 'conv2d', filters: 5, kernelSize: 1 }],
};

const parallel: LayerSpec = {
  use: 'parallel',
  branches: [[residual], upsampledBlock, [{ use: 'upSampling2d' }]],
};

const networks: Record<string, () => ReturnType<typeof networkOf>> = {
  'a layer with state': () => networkOf([spectralDense], [6]),
  'a layer with two outputs': () => networkOf([{ use: 'class-head' }, { use: 'dense', units: 1 }], [6]),
  'a layer of several stock layers': () => networkOf([{ use: 'groupNormalization', groups: 2 }], [3, 3, 6]),
  'a layer that takes labels': () => networkOf([{ use: 'projection' }], [6]),
  'a layer with a shortcut': () => networkOf([residual], [3, 3, 2]),
  'a layer with branches side by side': () => networkOf([parallel, parallel], [3, 3, 2]),
};

/** The contract of layers, held by layers that no network of ours has. */
export function contractCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  describe.each(Object.entries(networks))('%s', (_name, network) => {
    test('is the same function as its stock layers, and saved', async () => {
      expectExportIsForward(tensorflow, network());
      await expectSavedIsForward(tensorflow, network());
    });

    test.each([true, false])('is the same function written and rewritten (training: %s)', training => {
      const written = passOf(tensorflow, network(), { training, plain: true });
      expectSamePass(passOf(tensorflow, network(), { training }), written);
    });
  });

  describe('state', () => {
    const network = networkOf([spectralDense], [6]);
    const [kernelKey, vectorKey] = ['net/dense/kernel', 'net/dense/u'];

    /** The state of a compiled step that trains nothing, after some passes. */
    async function vectorAfter(passes: number, eager: boolean): Promise<Float32Array> {
      const values = randomWeights(network, 3);
      const step = tensorflow.compile(
        {
          name: 'passes',
          state: Object.fromEntries(
            network.weights.map(({ key, shape }) => [key, { shape, values: values[key] as Float32Array }]),
          ),
          run: ({ x }, weights) => {
            const { y, state } = forward(tensorflow, network, weights, x as Tf.Tensor, { training: true });
            return { outputs: { y }, updates: state };
          },
        },
        { eager },
      );
      const x = { shape: [1, 6], values: new Float32Array(6) };
      for (let pass = 0; pass < passes; pass++) await step.run({ x });
      const state = await step.read();
      await step.dispose();
      expect(state[kernelKey]).toEqual(values[kernelKey]);
      return state[vectorKey] as Float32Array;
    }

    test('is not trained', () => {
      expect(trainedWeights(network).map(({ key }) => key)).toEqual([kernelKey]);
    });

    test('moves in training passes only', () => {
      const names = (training: boolean) => [...passOf(tensorflow, network, { training }).keys()];
      expect(names(true)).toContain(`state ${vectorKey}`);
      expect(names(false)).not.toContain(`state ${vectorKey}`);
    });

    test('of a compiled step goes from pass to pass: after 50, the kernel has the largest singular value 1', async () => {
      const u = await vectorAfter(50, false);
      expectClose(await vectorAfter(50, true), u, 1e-5);
      const { tf } = tensorflow;
      tf.tidy(() => {
        const weights = weightTensors(tensorflow, network, { ...randomWeights(network, 3), [vectorKey]: u });
        const { y } = forward(tensorflow, network, weights, tf.eye(6), { training: false });
        expect(Math.sqrt(largestEigenvalue(tf.matMul(y, y, true).arraySync() as number[][]))).toBeCloseTo(
          1,
          4,
        );
      });
    });

    test('of a weight that is trained, or of none, is refused', () => {
      const wrong = (state: string) => ({
        ...(layerKinds.get('dense') as AnyLayerKind),
        apply: (x: Tf.Tensor) => ({ y: x, state: { [state]: x } }),
      });
      for (const name of ['kernel', 'v'])
        expect(() => {
          const kinds = new Map([['dense', wrong(name)]]);
          passOf(tensorflow, networkOf([spectralDense], [6], kinds), { training: true });
        }).toThrow(`dense gives new state for ${name}, which is no state of its own`);
    });
  });

  test('a closing sigmoid is left out for logits at the end of a group as well', () => {
    const { tf } = tensorflow;
    const end = {
      use: 'sequential',
      name: 'end',
      layers: [{ use: 'dense', units: 1, activation: 'sigmoid' }],
    };
    const grouped = networkOf(
      [
        { use: 'dense', units: 3 },
        { use: 'sequential', name: 'outer', layers: [end] },
      ],
      [6],
    );
    tf.tidy(() => {
      const weights = weightTensors(tensorflow, grouped, randomWeights(grouped, 1));
      const pass = (logits: boolean) =>
        forward(tensorflow, grouped, weights, tf.ones([2, 6]), { training: true, logits }).y;
      expectClose(tf.sigmoid(pass(true)).dataSync() as Float32Array, pass(false).dataSync() as Float32Array);
    });
  });

  test('layers inside branches draw random numbers of their own', () => {
    const { tf } = tensorflow;
    const dropout = [{ use: 'dropout', rate: 0.5 }];
    const network = networkOf([{ use: 'residual', layers: dropout, shortcut: dropout }], [100]);
    tf.tidy(() => {
      const seed = tf.tensor1d([5, 1], 'int32');
      const { y } = forward(tensorflow, network, {}, tf.ones([1, 100]), { training: true, seed });
      expect(new Set(y.dataSync())).toEqual(new Set([0, 2, 4]));
    });
  });

  test('a network with two outputs is a layers model with two, in their order', () => {
    const kind: AnyLayerKind = classHead;
    const moodHead: AnyLayerKind = {
      ...kind,
      type: 'mood-head',
      heads: () => ({ mood: [3] }),
      apply: (x, params, context) => {
        const { heads, ...result } = kind.apply(x, params, context);
        return { ...result, heads: { mood: heads?.['class'] as Tf.Tensor } };
      },
      export: (x, params, context) => {
        const { heads, ...result } = kind.export(x, params, context);
        return { ...result, heads: { mood: heads?.['class'] as Tf.SymbolicTensor } };
      },
    };
    const kinds = new Map([...layerKinds, ['mood-head', moodHead] as const]);
    const layers = [{ use: 'class-head' }, { use: 'mood-head' }, { use: 'dense', units: 1 }];
    const network = networkOf(layers, [6], kinds);
    expect(network.heads).toEqual({ class: [3], mood: [3] });
    const model = toLayersModel(tensorflow.tf, network, randomWeights(network, 1));
    expect(model.outputNames).toEqual(['dense', 'class-head', 'mood-head']);
    model.dispose();
  });
}

/** The largest eigenvalue of a symmetric matrix, in double precision. */
function largestEigenvalue(rows: readonly (readonly number[])[]): number {
  let vector = rows.map((_, index) => 1 + index);
  let value = 0;
  for (let round = 0; round < 1000; round++) {
    const next = rows.map(row => row.reduce((sum, each, index) => sum + each * (vector[index] as number), 0));
    value = Math.hypot(...next);
    vector = next.map(each => each / value);
  }
  return value;
}
