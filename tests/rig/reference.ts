import { readFile } from 'node:fs/promises';

/**
 * The independent reference for the two GANs: its formula for weights and inputs, and the fixture's types.
 * The twin of bench/reference/formula.py; tests/fixtures/reference/README.md explains both.
 */
export type ReferenceRole =
  'kernel' | 'bias' | 'gamma' | 'beta' | 'moving_mean' | 'moving_variance' | 'singular_vector';

/** A weight tensor: number `index` in the order of the README. */
export interface ReferenceTensor {
  readonly index: number;
  /** Such as `generator/conv1/kernel`. */
  readonly name: string;
  readonly network: 'generator' | 'discriminator';
  readonly role: ReferenceRole;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  /** A bias directly before batch norm: its gradient is zero but for rounding. */
  readonly cancelledByBatchNorm: boolean;
  /** Flat positions of the samples in every summary of this tensor. */
  readonly positions: readonly number[];
  /** The initial values at those positions. */
  readonly initial: readonly number[];
}

/** A tensor in few numbers, from the float64 run. */
export interface ReferenceSummary {
  readonly sum: number;
  readonly norm: number;
  readonly samples: readonly number[];
  /** Largest deviation of any element in the float32 run, and the L2 norm of all the deviations. */
  readonly float32: { readonly max: number; readonly norm: number };
}

export interface ReferenceMetrics {
  readonly iteration: number;
  readonly d_loss_real: number;
  readonly d_loss_fake: number;
  readonly d_loss: number;
  readonly d_accuracy: number;
  /** The smallest |logit|: how safely the accuracy can be compared. */
  readonly closest_logit: number;
  readonly g_loss: number;
}

/** A weight tensor after training. */
export interface ReferenceWeightSummary extends ReferenceSummary {
  /** The L2 distance from its initial values. */
  readonly moved: number;
}

/** Summaries in the order of the trainable tensors of the network. */
export interface ReferenceGradients {
  readonly discriminatorReal: readonly ReferenceSummary[];
  readonly discriminatorFake: readonly ReferenceSummary[];
  readonly generator: readonly ReferenceSummary[];
}

/** Weights in the order of `tensors`; Adam's moments in the order of the trainable ones of `tensors`. */
export interface ReferenceState {
  readonly weights: readonly ReferenceWeightSummary[];
  readonly m: readonly ReferenceSummary[];
  readonly v: readonly ReferenceSummary[];
}

export interface ReferenceRun {
  readonly metrics: readonly ReferenceMetrics[];
  readonly metricsFloat32: readonly ReferenceMetrics[];
  /** The gradients of the three steps of iteration 1. */
  readonly gradients: ReferenceGradients;
  /** The state after iteration 1 and after iteration 10. */
  readonly after: { readonly '1': ReferenceState; readonly '10': ReferenceState };
}

export interface Reference {
  readonly model: 'dcgan' | 'cgan';
  readonly seed: number;
  readonly batch: number;
  readonly iterations: number;
  /** The first values of iteration 1's inputs: 8 of the noise and of the image bytes, all labels. */
  readonly inputs: {
    readonly noise: readonly number[];
    readonly images: readonly number[];
    readonly labels: readonly number[];
  };
  readonly tensors: readonly ReferenceTensor[];
  /** G's images for iteration 1's noise and labels before training, in inference mode. */
  readonly generated: ReferenceSummary & {
    readonly shape: readonly number[];
    readonly positions: readonly number[];
  };
  readonly fakes: { readonly inference: ReferenceRun; readonly shared: ReferenceRun };
}

export interface ReferenceBatch {
  /** [B, latent] */
  readonly noise: Float32Array;
  /** [B, 32, 32, 3] */
  readonly images: Uint8Array;
  /** [B], 0–9 */
  readonly labels: Int32Array;
}

const LATENT = 100;
const classes = 10;
const pixels = 32 * 32 * 3;

/** MurmurHash3's 32-bit finaliser. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** `size` numbers in [0, 1), multiples of 2⁻³². */
export function referenceUniform(seed: number, stream: number, size: number): Float64Array {
  const salt = (Math.imul(stream, 0x9e3779b9) + Math.imul(seed, 0x85157af5)) | 0;
  return Float64Array.from({ length: size }, (_, i) => mix(mix(i) ^ salt) / 2 ** 32);
}

/** The initial value of weight tensor number `index`, flat: kernels as [kh, kw, in, out] or [in, out]. */
function referenceTensor(
  seed: number,
  index: number,
  shape: readonly number[],
  role: ReferenceRole,
): Float32Array {
  const uniform = referenceUniform(seed, index, product(shape));
  if (role === 'singular_vector') {
    const signed = uniform.map(u => 2 * u - 1);
    const length = Math.sqrt(signed.reduce((sum, value) => sum + value * value, 0));
    return Float32Array.from(signed, value => value / length);
  }
  return Float32Array.from(uniform, scale(shape, role));
}

function scale(
  shape: readonly number[],
  role: Exclude<ReferenceRole, 'singular_vector'>,
): (u: number) => number {
  switch (role) {
    case 'kernel': {
      const limit = glorotLimit(shape);
      return u => limit * (2 * u - 1);
    }
    case 'bias':
      return u => 0.05 * (2 * u - 1);
    case 'gamma':
      return u => 1 + 0.2 * (2 * u - 1);
    case 'beta':
      return u => 0.1 * (2 * u - 1);
    case 'moving_mean':
      return u => 0.2 * (2 * u - 1);
    case 'moving_variance':
      return u => 0.5 + u;
  }
}

function glorotLimit(shape: readonly number[]): number {
  const window = product(shape.slice(0, -2));
  const [fanIn = 0, fanOut = 0] = shape.slice(-2);
  return Math.sqrt(6 / (window * fanIn + window * fanOut));
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

/** The inputs of one iteration: 1, 2, … */
export function referenceBatch(
  seed: number,
  iteration: number,
  size: number,
  latent: number = LATENT,
): ReferenceBatch {
  const noise = referenceUniform(seed, 1000 + iteration, size * latent);
  const images = referenceUniform(seed, 2000 + iteration, size * pixels);
  const labels = referenceUniform(seed, 3000 + iteration, size);
  return {
    noise: Float32Array.from(noise, u => Math.sqrt(3) * (2 * u - 1)),
    images: Uint8Array.from(images, u => Math.floor(256 * u)),
    labels: Int32Array.from(labels, u => Math.floor(classes * u)),
  };
}

/** The reference's initial weights, in the order of `reference.tensors`. */
export function referenceWeights(reference: Pick<Reference, 'seed' | 'tensors'>): Float32Array[] {
  return reference.tensors.map(({ index, shape, role }) =>
    referenceTensor(reference.seed, index, shape, role),
  );
}

export async function loadReference(model: 'dcgan' | 'cgan'): Promise<Reference> {
  const url = new URL(`../fixtures/reference/${model}.json`, import.meta.url);
  return JSON.parse(await readFile(url, 'utf8')) as Reference;
}
