/** Layers that no network of ours has: each needs a part of the layer contract that today's layers do without. */
import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { TensorFlowNamespace } from '../../src/core/tensorflow.ts';
import type { LayerKinds } from '../../src/models/layer-specs.ts';
import { chain, defineLayer, type AnyLayerKind } from '../../src/models/layer.ts';
import { layerKinds } from '../../src/models/layers/index.ts';

const glorot = (fanIn: number, fanOut: number) => ({
  shape: [fanIn, fanOut],
  init: { fanIn, fanOut },
  trainable: true,
});

const units = Type.Integer({ minimum: 1, description: 'Outputs.' });

/** State: a dense layer whose kernel is divided by its largest singular value (Miyato et al. 2018, algorithm 1). */
const spectralDense = defineLayer({
  type: 'spectralDense',
  description: 'A dense layer with spectral normalisation.',
  params: Type.Object({ units }),
  outputShape: (_input, params) => [params.units],
  weights: ([inputs = 0], params) => [
    { name: 'kernel', ...glorot(inputs, params.units) },
    { name: 'u', shape: [params.units], init: 'ones', trainable: false },
  ],
  apply: (x, _params, { tensorflow: { tf }, training, weights }) => {
    const kernel = weights['kernel'] as Tf.Tensor2D;
    const { sigma, u } = largestSingularValue(tf, kernel, weights['u'] as Tf.Tensor, training);
    return { y: tf.matMul(x, kernel.div(sigma)), ...(training && { state: { u } }) };
  },
  export: (x, params, { tf, name, input, weights }) => {
    const folded = tf.tidy(() => {
      const kernel = tf.tensor2d(weights['kernel'] as Float32Array, [input[0] as number, params.units]);
      const u = tf.tensor1d(weights['u'] as Float32Array);
      return kernel.div(largestSingularValue(tf, kernel, u, false).sigma).dataSync() as Float32Array;
    });
    return chain(x, { layer: tf.layers.dense({ name, ...params, useBias: false }), weights: [folded] });
  },
});

/** One power iteration from `u [outputs]`, as constants to the gradient: `σ = vᵀ W u`, `dσ/dW = v uᵀ`. */
function largestSingularValue(tf: TensorFlowNamespace, kernel: Tf.Tensor, u: Tf.Tensor, training: boolean) {
  const unit = (vector: Tf.Tensor) => vector.div(tf.norm(vector).add(1e-12));
  let kept = u;
  const sigma = tf.customGrad((...args: unknown[]) => {
    const [w, save] = args as [Tf.Tensor2D, (tensors: Tf.Tensor[]) => void];
    const v = unit(tf.matMul(w, u.reshape([-1, 1])));
    const next = training ? unit(tf.matMul(w, v, true)) : unit(u.reshape([-1, 1]));
    const outer = tf.matMul(v, next, false, true);
    kept = tf.keep(next.reshape(u.shape));
    save([outer]);
    const gradFunc = (dy: Tf.Tensor, [saved]: Tf.Tensor[]) => (saved as Tf.Tensor).mul(dy);
    return { value: tf.sum(w.mul(outer)), gradFunc };
  })(kernel);
  const next = kept.clone();
  kept.dispose();
  return { sigma, u: next };
}

/** Two outputs: passes `x` on, and tells its class (Odena et al. 2017). */
const classHead = defineLayer({
  type: 'classHead',
  description: 'Gives the logits of the classes as an output of the network.',
  params: Type.Object({ name: Type.String({ default: 'class', description: 'Of the output.' }) }),
  outputShape: input => input,
  heads: (_input, { name }, { classes }) => ({ [name]: [classes] }),
  weights: ([inputs = 0], _params, { classes }) => [
    { name: 'kernel', ...glorot(inputs, classes) },
    { name: 'bias', shape: [classes], init: 'zeros', trainable: true },
  ],
  apply: (x, { name }, { tensorflow: { tf, ops }, weights }) => {
    const logits = tf.matMul(x, weights['kernel'] as Tf.Tensor);
    return { y: x, heads: { [name]: ops.biasAdd(logits, weights['bias'] as Tf.Tensor) } };
  },
  export: (x, params, { tf, name, dimensions, weights }) => {
    const layer = tf.layers.dense({ name, units: dimensions.classes });
    const logits = layer.apply(x) as Tf.SymbolicTensor;
    return { y: x, heads: { [params.name]: logits }, layers: [{ layer, weights: Object.values(weights) }] };
  },
});

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

/** Labels: one number per image from the image and its class (Miyato & Koyama 2018, equation 3). */
const projection = defineLayer({
  type: 'projection',
  description: 'How real an image of its class is.',
  params: Type.Object({}),
  takesLabels: () => true,
  outputShape: () => [1],
  weights: ([inputs = 0], _params, { classes }) => [
    { name: 'kernel', ...glorot(inputs, 1) },
    { name: 'embedding', ...glorot(classes, inputs) },
  ],
  apply: (x, _params, { tensorflow: { tf }, weights, labels }) => {
    const embedded = tf.matMul(labels as Tf.Tensor, weights['embedding'] as Tf.Tensor);
    const projected = x.mul(embedded).sum(1, true);
    return { y: tf.matMul(x, weights['kernel'] as Tf.Tensor).add(projected) };
  },
  export: (x, _params, { tf, name, input, labels, weights }) => {
    const dense = tf.layers.dense({ name, units: 1, useBias: false });
    const embed = tf.layers.dense({ name: `${name}_embedding`, units: input[0] as number, useBias: false });
    const dot = tf.layers.dot({ name: `${name}_dot`, axes: 1 });
    const add = tf.layers.add({ name: `${name}_add` });
    const real = dense.apply(x) as Tf.SymbolicTensor;
    const projected = dot.apply([x, embed.apply(labels as Tf.SymbolicTensor) as Tf.SymbolicTensor]);
    return {
      y: add.apply([real, projected as Tf.SymbolicTensor]) as Tf.SymbolicTensor,
      layers: [
        { layer: dense, weights: [weights['kernel'] as Float32Array] },
        { layer: embed, weights: [weights['embedding'] as Float32Array] },
      ],
    };
  },
});

/** The layers of pipe and these. */
export const testKinds: LayerKinds = new Map<string, AnyLayerKind>([
  ...layerKinds,
  ...[spectralDense, classHead, lowRankDense, projection].map(
    kind => [kind.type, kind] as [string, AnyLayerKind],
  ),
]);
