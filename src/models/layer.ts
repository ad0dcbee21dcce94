import type * as Tf from '@tensorflow/tfjs';
import type { Static, TObject } from 'typebox';
import type { TensorFlow, TensorFlowNamespace } from '../core/tensorflow.ts';
import type { Dimensions, OpenDimensions, OpenShape, Shape } from './shape.ts';

/** A weight of a layer. */
export interface WeightSpec {
  /** Keras's name: `kernel`, `bias`, `gamma`, `beta`, `movingMean`, `movingVariance`. */
  readonly name: string;
  readonly shape: Shape;
  /** `glorotUniform` needs fans: inputs and outputs of one unit. */
  readonly init: 'zeros' | 'ones' | { readonly fanIn: number; readonly fanOut: number };
  /** Moving statistics are not trained. */
  readonly trainable: boolean;
}

export type LayerWeights = Readonly<Record<string, Tf.Tensor>>;

/** What a layer sees while a network runs. */
export interface LayerCall {
  readonly tensorflow: TensorFlow;
  readonly training: boolean;
  readonly weights: LayerWeights;
  /** One-hot labels `[B, classes]`, for conditional networks. */
  readonly labels: Tf.Tensor | undefined;
  /** Of this layer in this call, `[2] int32`, for dropout. */
  readonly seed: Tf.Tensor | undefined;
}

/** The symbolic tensors of a network that is exported as a layers model. */
export interface ExportCall {
  readonly tf: TensorFlowNamespace;
  /** The layer's name in the model. */
  readonly name: string;
  readonly labels: Tf.SymbolicTensor | undefined;
  /** The shape that comes to the layer. */
  readonly input: Shape;
  readonly dimensions: Dimensions;
}

/**
 * A kind of layer: one file under layers/, one record. Parameters have the names of Keras and TensorFlow.js.
 * `apply` and `toLayer` are the same function, once as operations and once as a stock layer; a test compares them.
 */
export interface LayerKind<P extends TObject = TObject> {
  /** As written in YAML: `use: conv2d`. */
  readonly type: string;
  readonly description: string;
  readonly params: P;
  /** True for the layer that takes the labels. */
  readonly takesLabels?: boolean;
  /** Throws a ShapeError that says what it needs. Sizes may be open, and stay so; of known ones come known ones. */
  readonly outputShape: (input: OpenShape, params: Static<P>, dimensions: OpenDimensions) => OpenShape;
  readonly weights?: (input: Shape, params: Static<P>, dimensions: Dimensions) => readonly WeightSpec[];
  readonly apply: (
    x: Tf.Tensor,
    params: Static<P>,
    call: LayerCall,
    shapes: { input: Shape; output: Shape },
  ) => Tf.Tensor;
  readonly toLayer: (x: Tf.SymbolicTensor, params: Static<P>, call: ExportCall) => Tf.SymbolicTensor;
}

/** Any kind of layer, when its parameter types do not matter. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are contravariant; they are validated before use
export type AnyLayerKind = LayerKind<any>;

export function defineLayer<P extends TObject>(kind: LayerKind<P>): LayerKind<P> {
  return kind;
}
