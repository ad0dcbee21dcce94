import type * as Tf from '@tensorflow/tfjs';
import { Type, type Static } from 'typebox';
import {
  chain,
  defineLayer,
  type ExportContext,
  type ExportResult,
  type LayerContext,
  type LayerResult,
} from '../layer.ts';

const params = Type.Object({
  momentum: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.99,
    description: 'Of the moving statistics.',
  }),
  epsilon: Type.Number({ exclusiveMinimum: 0, default: 0.001, description: 'Added to the variance.' }),
  conditional: Type.Boolean({
    default: false,
    description: 'Whether each class has a scale and an offset of its own, gamma and beta.',
  }),
});

type Params = Static<typeof params>;

interface Weights {
  readonly gamma: Tf.Tensor;
  readonly beta: Tf.Tensor;
  readonly movingMean: Tf.Tensor1D;
  readonly movingVariance: Tf.Tensor1D;
}

type NormalizeContext = Pick<LayerContext, 'tensorflow' | 'training' | 'weights' | 'labels'>;

interface NormalizeOptions {
  readonly bias?: Tf.Tensor | undefined;
  /** Of a leaky ReLU after it: 0 for ReLU, 1 for none. */
  readonly slope?: number;
}

/**
 * Batch normalisation of `x + bias` (Ioffe & Szegedy 2015, algorithms 1 and 2). The bias `[C]`, where there is one, is never
 * added: it moves the mean of what is normalised and nothing else.
 */
export function normalize(
  x: Tf.Tensor,
  params: Params,
  context: NormalizeContext,
  { bias, slope = 1 }: NormalizeOptions = {},
): LayerResult {
  const { movingMean, movingVariance } = context.weights as unknown as Weights;
  if (!context.training) {
    const mean = bias === undefined ? movingMean : movingMean.sub<Tf.Tensor1D>(bias);
    return { y: activated(context.tensorflow, byMovingStatistics(x, params, context, mean), slope) };
  }
  const { y, mean, variance } = byBatch(x, params, context, slope);
  const moved = (old: Tf.Tensor, batch: Tf.Tensor) =>
    old.mul(params.momentum).add(batch.mul(1 - params.momentum));
  return {
    y,
    state: {
      movingMean: moved(movingMean, bias === undefined ? mean : mean.add(bias)),
      movingVariance: moved(movingVariance, variance),
    },
  };
}

function byBatch(x: Tf.Tensor, { epsilon, conditional }: Params, context: NormalizeContext, slope: number) {
  const { gamma, beta } = conditional ? ofLabels(context) : (context.weights as unknown as Weights);
  return context.tensorflow.ops.batchNorm(x, gamma, beta, epsilon, slope);
}

function activated({ ops }: LayerContext['tensorflow'], y: Tf.Tensor, slope: number): Tf.Tensor {
  if (slope === 1) return y;
  return slope === 0 ? ops.relu(y) : ops.leakyRelu(y, slope);
}

function byMovingStatistics(
  x: Tf.Tensor,
  { epsilon, conditional }: Params,
  context: NormalizeContext,
  mean: Tf.Tensor1D,
): Tf.Tensor {
  const { tf } = context.tensorflow;
  const { gamma, beta, movingVariance } = context.weights as unknown as Weights;
  if (!conditional) return tf.batchNorm(x, mean, movingVariance, beta, gamma, epsilon);
  const ofClasses = ofLabels(context);
  const ofImages = (values: Tf.Tensor) =>
    values.reshape(x.shape.map((size, axis) => (axis % (x.rank - 1) === 0 ? size : 1)));
  const [scale, offset] = [ofImages(ofClasses.gamma), ofImages(ofClasses.beta)];
  const factor = scale.div(movingVariance.add(epsilon).sqrt());
  return x.mul(factor).add(offset.sub(mean.mul(factor)));
}

/** Scale and offset `[B, C]` of the images' classes (de Vries et al. 2017; Dumoulin et al. 2017). */
function ofLabels({ tensorflow: { tf }, weights, labels }: NormalizeContext) {
  if (labels === undefined) throw new Error('a conditional network was run without labels');
  const { gamma, beta } = weights as unknown as Weights;
  return { gamma: tf.matMul(labels, gamma), beta: tf.matMul(labels, beta) };
}

/** Normalisation without scale and offset, and both as embeddings of the label. */
function exportConditional(
  x: Tf.SymbolicTensor,
  { momentum, epsilon }: Params,
  { tf, name, weights, labels, input }: ExportContext,
): ExportResult {
  const channels = input.at(-1) as number;
  const embedded = (what: string) => {
    const layer = tf.layers.dense({ name: `${name}_${what}`, units: channels, useBias: false });
    const rows = layer.apply(labels as Tf.SymbolicTensor);
    const targetShape = input.map((_, axis) => (axis === input.length - 1 ? channels : 1));
    const reshape = tf.layers.reshape({ name: `${name}_${what}_reshape`, targetShape });
    return { layer, y: reshape.apply(rows) as Tf.SymbolicTensor, weights: [weights[what] as Float32Array] };
  };
  const [gamma, beta] = [embedded('gamma'), embedded('beta')];
  const layer = tf.layers.batchNormalization({ name, momentum, epsilon, scale: false, center: false });
  const statistics = ['movingMean', 'movingVariance'].map(each => weights[each] as Float32Array);
  const scaled = tf.layers
    .multiply({ name: `${name}_multiply` })
    .apply([layer.apply(x) as Tf.SymbolicTensor, gamma.y]);
  const y = tf.layers.add({ name: `${name}_add` }).apply([scaled as Tf.SymbolicTensor, beta.y]);
  return { y: y as Tf.SymbolicTensor, layers: [{ layer, weights: statistics }, gamma, beta] };
}

export const batchNormalization = defineLayer({
  type: 'batchNormalization',
  description: 'Normalises each channel: by the batch in training, by moving statistics afterwards.',
  params,
  takesLabels: ({ conditional }) => conditional,
  outputShape: input => input,
  weights: (input, { conditional }, { classes }) => {
    const shape = [input.at(-1) as number];
    const affine = conditional ? [classes, ...shape] : shape;
    return [
      // Classes differ a little from the start.
      {
        name: 'gamma',
        shape: affine,
        init: conditional ? { mean: 1, stddev: 0.02 } : 'ones',
        trainable: true,
      },
      { name: 'beta', shape: affine, init: 'zeros', trainable: true },
      { name: 'movingMean', shape, init: 'zeros', trainable: false },
      { name: 'movingVariance', shape, init: 'ones', trainable: false },
    ];
  },
  apply: (x, params, context) => normalize(x, params, context),
  export: (x, { conditional, ...params }, context) => {
    if (conditional) return exportConditional(x, { conditional, ...params }, context);
    const { tf, name, weights } = context;
    const layer = tf.layers.batchNormalization({ name, ...params });
    return chain(x, { layer, weights: Object.values(weights) });
  },
});
