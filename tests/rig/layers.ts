/** Layers that no network of ours has: each needs a part of the layer contract that today's layers do without. */
import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { LayerKinds } from '../../src/models/layer-specs.ts';
import { chain, defineLayer, type AnyLayerKind } from '../../src/models/layer.ts';
import { layerKinds } from '../../src/models/layers/index.ts';

const glorot = (fanIn: number, fanOut: number) => ({
  shape: [fanIn, fanOut],
  init: { fanIn, fanOut },
  trainable: true,
});

const units = Type.Integer({ minimum: 1, description: 'Outputs.' });

/** Two stock layers: a dense layer of low rank. */
const lowRankDense = defineLayer({
  type: 'lowRankDense',
  description: 'A dense layer whose kernel is a product.',
  params: Type.Object({
    units,
    rank: Type.Integer({ minimum: 1, default: 2, description: 'Of the kernel.' }),
  }),
  outputShape: (_input, params) => [params.units],
  weights: ([inputs = 0], { rank, units: outputs }) => [
    { name: 'down', ...glorot(inputs, rank) },
    { name: 'up', ...glorot(rank, outputs) },
  ],
  apply: (x, _params, { tensorflow: { tf }, weights }) => ({
    y: tf.matMul(tf.matMul(x, weights['down'] as Tf.Tensor), weights['up'] as Tf.Tensor),
  }),
  export: (x, params, { tf, name, weights }) => {
    const dense = (what: string, outputs: number) => ({
      layer: tf.layers.dense({ name: `${name}_${what}`, units: outputs, useBias: false }),
      weights: [weights[what] as Float32Array],
    });
    return chain(x, dense('down', params.rank), dense('up', params.units));
  },
});

/** The layers of pipe and these. */
export const testKinds: LayerKinds = new Map<string, AnyLayerKind>([
  ...layerKinds,
  [lowRankDense.type, lowRankDense],
]);
