import type * as Tf from '@tensorflow/tfjs';
import type { Static, TObject } from 'typebox';
import type { LayerSpec } from '../core/artifacts.ts';
import type { TensorFlow, TensorFlowNamespace } from '../core/tensorflow.ts';
import type { Fans, WrittenInitializer } from './initializers.ts';
import type { Dimensions, SymbolicDimensions, SymbolicShape, Shape } from './shape.ts';

/** Initial values of a weight: constant, normal, or by an initialiser of kernels, Glorot uniform unless given. */
export type WeightInit =
  | 'zeros'
  | 'ones'
  | { readonly mean: number; readonly stddev: number }
  | (Fans & { readonly initializer?: WrittenInitializer });

/** A weight of a layer. */
export interface WeightSpec {
  /** Keras's name: `kernel`, `bias`, `gamma`, `beta`, `movingMean`, `movingVariance`. */
  readonly name: string;
  readonly shape: Shape;
  readonly init: WeightInit;
  /** Weight decay: times the sum of its squares, a term of the loss of the network in training. */
  readonly l2?: number;
  /** False for state, which no optimizer changes: the layer returns its new values in training. */
  readonly trainable: boolean;
}

/** Values by name: a layer's weights, its heads, its branches. */
export type Named<T> = Readonly<Record<string, T>>;

/** Inputs of a layer beside `x` and its parameters in a forward pass. */
export interface LayerContext {
  readonly tensorflow: TensorFlow;
  /** True in a training pass: batch statistics, dropout, new state. */
  readonly training: boolean;
  /** The layer's own weights by their short names. */
  readonly weights: Named<Tf.Tensor>;
  /** One-hot labels `[B, classes] float32`; undefined in a network that takes none. */
  readonly labels: Tf.Tensor | undefined;
  /** Random seed `[2] int32` of this layer in this pass; undefined outside of training. */
  readonly seed: Tf.Tensor | undefined;
  /** Shape of `x`, without the batch. */
  readonly input: Shape;
  /** Shape of `y`, without the batch. */
  readonly output: Shape;
  /** Output of each branch. */
  readonly branches: Named<Tf.Tensor>;
}

/** Outputs of a layer. */
export interface LayerResult {
  /** Input of the next layer. */
  readonly y: Tf.Tensor;
  /** In a training pass: new values of weights that are not trainable, by short name. No gradient flows through them. */
  readonly state?: Named<Tf.Tensor>;
  /** Outputs of the network beside its last layer's, as `heads` declares them. */
  readonly heads?: Named<Tf.Tensor>;
}

/** Inputs of a layer's export beside `x` and its parameters. */
export interface ExportContext {
  readonly tf: TensorFlowNamespace;
  /** Unique in the model. Further stock layers of the same layer are called `<name>_<what>`. */
  readonly name: string;
  /** The layer's own weights by their short names, in the order of `weights`. */
  readonly weights: Named<Float32Array>;
  readonly labels: Tf.SymbolicTensor | undefined;
  readonly input: Shape;
  readonly output: Shape;
  readonly dimensions: Dimensions;
  /** Output of each branch. */
  readonly branches: Named<Tf.SymbolicTensor>;
}

/** A stock layer of TensorFlow.js and the values of its weights, in the order of its `getWeights()`. */
export interface StockLayer {
  readonly layer: Tf.layers.Layer;
  readonly weights?: readonly Float32Array[];
}

/** A layer as stock layers. */
export interface ExportResult {
  readonly y: Tf.SymbolicTensor;
  /** Every stock layer with weights. */
  readonly layers?: readonly StockLayer[];
  readonly heads?: Named<Tf.SymbolicTensor>;
}

/**
 * A kind of layer: one file under layers/, one record. Parameters have the names of Keras and TensorFlow.js. `apply` and
 * `export` are the same function, once as operations and once as stock layers; a test compares them.
 */
export interface LayerKind<P extends TObject = TObject> {
  /** As written in YAML: `use: conv2d`. */
  readonly type: string;
  readonly description: string;
  readonly params: P;
  /** True for a layer that takes the labels: it makes its network conditional. */
  readonly takesLabels?: (params: Static<P>) => boolean;
  /** True where no output lies outside of the range of the inputs: a bound of the activation before it still holds. */
  readonly keepsRange?: (params: Static<P>) => boolean;
  /**
   * The name in place of the type, for a layer that only holds its one list `layers` together: `y` is what that list ends in, and
   * the names of its layers begin with it.
   */
  readonly group?: (params: Static<P>) => string;
  /**
   * Lists of layers inside this one. Each takes the layer's own input. The name is the place in the parameters:
   * `shortcut`, or `branches/1`. An empty list passes the input on.
   */
  readonly branches?: (params: Static<P>) => Named<readonly LayerSpec[]>;
  /**
   * Shape of `y`. Symbolic sizes stay symbolic; known ones give known ones.
   * @param branches Output shape of each branch.
   * @throws ShapeError that says what the layer needs
   */
  readonly outputShape: (
    input: SymbolicShape,
    params: Static<P>,
    dimensions: SymbolicDimensions,
    branches: Named<SymbolicShape>,
  ) => SymbolicShape;
  /** Shapes of the network's further outputs that come from this layer, by name. */
  readonly heads?: (
    input: SymbolicShape,
    params: Static<P>,
    dimensions: SymbolicDimensions,
  ) => Named<SymbolicShape>;
  readonly weights?: (input: Shape, params: Static<P>, dimensions: Dimensions) => readonly WeightSpec[];
  /**
   * Multiplications of its own kernels for one image, as the layer is written, those with padding included; none without. A
   * multiplication comes with an addition: these are multiply-adds.
   */
  readonly macs?: (input: Shape, output: Shape, params: Static<P>, dimensions: Dimensions) => number;
  /** The layer as differentiable operations on `x [B, …input]`. */
  readonly apply: (x: Tf.Tensor, params: Static<P>, context: LayerContext) => LayerResult;
  /** The layer as it is after training, in stock layers. */
  readonly export: (x: Tf.SymbolicTensor, params: Static<P>, context: ExportContext) => ExportResult;
}

/** A kind of layer, whatever its parameters. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are contravariant; they are validated before use
export type AnyLayerKind = LayerKind<any>;

export function defineLayer<P extends TObject>(kind: LayerKind<P>): LayerKind<P> {
  return kind;
}

/** Stock layers applied to `x` one after the other. */
export function chain(x: Tf.SymbolicTensor, ...layers: readonly StockLayer[]): ExportResult {
  const y = layers.reduce((input, { layer }) => layer.apply(input) as Tf.SymbolicTensor, x);
  return { y, layers: layers.filter(({ weights }) => weights !== undefined) };
}
