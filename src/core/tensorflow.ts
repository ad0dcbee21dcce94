import type * as Tf from '@tensorflow/tfjs';

/**
 * TensorFlow as stages see it: the TensorFlow.js namespace, and the compiled step. Types only; the
 * implementation is in src/tensorflow/, and stages get it from `context.tensorflow()`.
 */
export type TensorFlowNamespace = typeof Tf;

export type BackendKind = 'native-cpu' | 'native-gpu' | 'javascript';

export type StepArray = Float32Array | Int32Array | Uint8Array;

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'uint8';
}

/**
 * A pure training step: a function of inputs and state that returns outputs and the new values of the state that changes.
 * It draws no random numbers, reads no tensor's values, and keeps nothing between calls.
 */
export interface StepDefinition {
  /** A name for messages, such as `cgan iteration`. */
  readonly name: string;
  /** Named float32 state (weights, optimizer slots) and its initial values. */
  readonly state: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>
  >;
  /** Runs inside tf.tidy. uint8 inputs arrive as int32 tensors. Outputs may have any shape; they come back as float32. */
  readonly run: (
    inputs: Readonly<Record<string, Tf.Tensor>>,
    state: Readonly<Record<string, Tf.Tensor>>,
  ) => {
    readonly outputs: Readonly<Record<string, Tf.Tensor>>;
    readonly updates: Readonly<Record<string, Tf.Tensor>>;
  };
}

export interface StepInput {
  readonly shape: readonly number[];
  readonly values: StepArray;
}

export interface CompileOptions {
  /** Run the eager step beside the compiled one and fail on the first difference. For debugging: slow. */
  readonly check?: boolean;
  /** Run every step eagerly. The JavaScript backend always does. */
  readonly eager?: boolean;
}

/** float32 values by name: a step's outputs, or entries of its state. */
export type StateValues = Readonly<Record<string, Float32Array>>;

/**
 * A step with its state, which stays on the backend until it is read.
 *
 * Calls take effect one at a time in the order in which they are made, whether or not their promises are awaited: a second
 * run waits for the first. An error rejects the call's promise, never throws, and does not stop the calls after it. Arrays
 * that are passed in must stay unchanged until the promise settles; those that come back are the caller's own.
 */
export interface CompiledStep {
  /**
   * Runs one step: uploads the inputs, updates the state, and resolves to the outputs' values. One graph is compiled for each
   * combination of input shapes and dtypes. Rejects with a Failure where the step is not pure (`step-not-pure`) or updates
   * what is not its state (`step-update`), both before any state changes, and with the backend's own error.
   */
  run(inputs: Readonly<Record<string, StepInput>>): Promise<StateValues>;
  /** Copies of the state, all of it or the named entries. Rejects with a Failure for an unknown name (`step-state`). */
  read(names?: readonly string[]): Promise<StateValues>;
  /** Replaces named state. Rejects with a Failure for an unknown name or another number of values (`step-state`). */
  write(values: StateValues): Promise<void>;
  /** Frees the backend's memory, after the calls made before. Calls made afterwards reject, but for `dispose` itself. */
  dispose(): Promise<void>;
}

/** Scalars are `[]` float32; the powers are β1ᵗ and β2ᵗ of this update, the first one's being β1 and β2 themselves. */
export interface AdamInputs {
  readonly value: Tf.Tensor;
  readonly m: Tf.Tensor;
  readonly v: Tf.Tensor;
  readonly gradient: Tf.Tensor;
  readonly beta1Power: Tf.Tensor;
  readonly beta2Power: Tf.Tensor;
  readonly learningRate: Tf.Tensor;
  readonly beta1: Tf.Tensor;
  readonly beta2: Tf.Tensor;
  readonly epsilon: Tf.Tensor;
  /** Share that the value is reduced by before the update, lr · λ of AdamW; absent for none. */
  readonly decay?: Tf.Tensor;
}

export interface AdamOutputs {
  readonly value: Tf.Tensor;
  readonly m: Tf.Tensor;
  readonly v: Tf.Tensor;
}

/** What follows the sums of a convolution: a bias `[O]`, then a leaky ReLU with the slope: 0 for ReLU, 1 for none. */
export interface ConvFinish {
  readonly bias: Tf.Tensor;
  readonly slope: number;
}

/** Differentiable operations that have one fused kernel in native TensorFlow; the same functions as TensorFlow.js's. */
export interface FusedOps {
  /**
   * Batch normalisation by the batch's own statistics over all axes but the last (Ioffe & Szegedy 2015, algorithm 1).
   * `x [B, ..., C]`, `gamma` and `beta` `[C]`, or `[B, C]` for a scale and an offset of each image; returns `y` of x's shape,
   * and the batch's mean and (biased) variance `[C]`, through which no gradient flows. `slope` is that of a leaky ReLU applied
   * to y: 0 for ReLU, 1 (the default) for none.
   */
  batchNorm(
    x: Tf.Tensor,
    gamma: Tf.Tensor,
    beta: Tf.Tensor,
    epsilon: number,
    slope?: number,
  ): { readonly y: Tf.Tensor; readonly mean: Tf.Tensor; readonly variance: Tf.Tensor };
  /** `x [..., C] + bias [C]`. */
  biasAdd(x: Tf.Tensor, bias: Tf.Tensor): Tf.Tensor;
  /**
   * A convolution with padding `same`. `x [B, H, W, I]`, `kernel [k, k, I, O]`; returns `[B, H/s, W/s, O]`, sizes rounded up,
   * s being the stride.
   */
  conv2d(x: Tf.Tensor, kernel: Tf.Tensor, stride: number, finish?: ConvFinish): Tf.Tensor;
  /** A convolution of stride 1 of x's nearest upsampling ×2: `kernel [3, 3, I, O]`, returns `[B, 2H, 2W, O]`. */
  upsampledConv2d(x: Tf.Tensor, kernel: Tf.Tensor, finish?: ConvFinish): Tf.Tensor;
  /**
   * A kernel `[…, C]`, as a matrix `[other axes, C]`, divided by its largest singular value after one power iteration from `u [C]`
   * (Miyato et al. 2018, algorithm 1), and the next `u`. Gradients flow through the quotient, with constant singular vectors.
   */
  spectralNorm(kernel: Tf.Tensor, u: Tf.Tensor): { readonly kernel: Tf.Tensor; readonly u: Tf.Tensor };
  relu(x: Tf.Tensor): Tf.Tensor;
  leakyRelu(x: Tf.Tensor, alpha: number): Tf.Tensor;
  tanh(x: Tf.Tensor): Tf.Tensor;
  /** Uniform in `[0, 1)`, a pure function of the shape and the seed (`[2] int32`). Not differentiable. */
  randomUniform(shape: readonly number[], seed: Tf.Tensor): Tf.Tensor;
  /** One Adam update. In a compiled step `value`, `m` and `v` must be state, or come from an earlier update of it. */
  adam(inputs: AdamInputs): AdamOutputs;
}

/** A pure function of a batch, for other programs to call. It draws no random numbers and reads no tensor's values. */
export interface SavedModelDefinition {
  /** A name for messages, such as `generator`. */
  readonly name: string;
  /** Inputs by name; shapes without the batch, which comes first. */
  readonly inputs: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly dtype: 'float32' | 'int32' }>
  >;
  /** Shapes of float32 weights, by name. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
  /**
   * Runs inside tf.tidy, at several batch sizes. `tensorflow` has TensorFlow's own operations alone, so that a program needs
   * nothing of pipe to load what is saved. Outputs by name, `[B, …] float32`.
   */
  readonly run: (
    tensorflow: TensorFlow,
    inputs: Readonly<Record<string, Tf.Tensor>>,
    weights: Readonly<Record<string, Tf.Tensor>>,
  ) => Readonly<Record<string, Tf.Tensor>>;
}

/** A float64 matrix on the backend, for the length of the call of `TensorFlow.float64` in which it is made. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
}

/** Linear algebra in float64, which TensorFlow.js's tensors do not have. Values are in row-major order. */
export interface Float64Algebra {
  /** `[rows, values.length / rows]`; the values must stay unchanged until the call returns. */
  matrix(values: Float64Array, rows: number): Matrix;
  /** A copy of a matrix's values. */
  values(matrix: Matrix): Float64Array;
  /** `a · b`, with one of the two transposed where that is said. */
  product(a: Matrix, b: Matrix, transposed?: 'a' | 'b'): Matrix;
  /** Eigenvalues `[n]` of a symmetric matrix `[n, n]`, of which the lower triangle is read, rising. */
  eigenvalues(symmetric: Matrix): Float64Array;
  /** The same, and the orthonormal eigenvectors as columns in their order. */
  eigenvectors(symmetric: Matrix): { readonly eigenvalues: Float64Array; readonly vectors: Matrix };
  /** The `count` largest values of each row, falling, and their columns: `[rows, count]` both. */
  largest(matrix: Matrix, count: number): { readonly values: Float64Array; readonly columns: Int32Array };
  /**
   * How many values are above a threshold in each row and in each column.
   * @param thresholds One for each row `[rows, 1]`, or one for each column `[1, columns]`
   */
  countAbove(
    matrix: Matrix,
    thresholds: Matrix,
  ): { readonly ofRows: Int32Array; readonly ofColumns: Int32Array };
}

/** A node of a graph. */
export interface GraphNode {
  readonly name: string;
  /** Such as `Conv2D`. */
  readonly op: string;
  /** Names of what it takes, `<node>` or `<node>:<output>`; of control inputs, `^<node>`. */
  readonly inputs: readonly string[];
}

/** A graph with its weights as constants, in a session of its own. Dispose of it after use. */
export interface FrozenGraph {
  readonly nodes: readonly GraphNode[];
  /** Values of tensors `<node>:<output>`, float32, for others that are fed in place of what the graph makes there. */
  run(
    feeds: Readonly<Record<string, StepInput>>,
    fetches: readonly string[],
  ): Promise<readonly Float32Array[]>;
  dispose(): Promise<void>;
}

export interface TensorFlow {
  readonly tf: TensorFlowNamespace;
  readonly ops: FusedOps;
  readonly kind: BackendKind;
  /** TensorFlow's version, such as `2.21.0`, or TensorFlow.js's for the JavaScript backend. */
  readonly version: string;
  compile(definition: StepDefinition, options?: CompileOptions): CompiledStep;
  /**
   * Runs linear algebra in float64 and frees the matrices that were made. By TensorFlow's own kernels on the native backend; in
   * plain TypeScript on the JavaScript backend, some hundred times slower.
   */
  float64<T>(run: (algebra: Float64Algebra) => T): T;
  /**
   * Records a function for batches of any size. Returns a function that makes `saved_model.pb` of its weights: a SavedModel with
   * the tag `serve` and the signature `serving_default`, the weights as constants.
   * @throws Failure `saved-model-backend` on the JavaScript backend, `saved-model-size` for weights of 2 GB or more,
   * `saved-model-batch` for a function that does not take batches of any size, `step-not-pure` for one that is not pure
   */
  savedModel(definition: SavedModelDefinition): (weights: StateValues) => Uint8Array;
  /**
   * Opens the bytes of a GraphDef, which TensorFlow runs as they are: operations that TensorFlow.js does not know, and those of
   * old graphs.
   * @throws Failure `not-a-graph` for other bytes, `graph-not-loaded` for a graph that TensorFlow cannot run, and `graph-backend`
   * on the JavaScript backend
   */
  openGraph(graphDef: Uint8Array): FrozenGraph;
}
