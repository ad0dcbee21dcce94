import type { ModelArtifact, Transform } from '../core/artifacts.ts';
import { deriveSeed, Random } from '../core/random.ts';
import type { TensorFlow } from '../core/tensorflow.ts';
import { invertTransform } from '../data/transform.ts';
import type { ImageBatch } from '../images/pixels.ts';
import { imagesPerFrame } from '../images/samples.ts';
import { forward } from '../models/forward.ts';
import { oneHotLabels } from '../models/labels.ts';
import type { Network } from '../models/network.ts';
import { imagesPerCall } from './sampling.ts';

/** Images in a sample grid, 4×3. */
const GRID_IMAGES = 12;
/** Images in a frame of an unconditional model; a conditional one shows one of each class, as far as they fit. */
const FRAME_IMAGES = 12;

/** Images in a frame of training; `labels` are the classes of a conditional model. */
export function frameImages(
  [height, width, channels]: ModelArtifact['imageShape'],
  labels: readonly string[] | undefined,
): number {
  return imagesPerFrame({ count: labels?.length ?? FRAME_IMAGES, height, width, channels }, labels);
}

/** What the generator draws at one moment of training. */
export interface Snapshot {
  /** Fresh noise at every moment; of a conditional model the classes in turn. */
  readonly grid: ImageBatch;
  /** The same noise at every moment; of a conditional model one image per class. */
  readonly frame: ImageBatch;
}

export interface SnapshotOptions {
  readonly transform: Transform;
  readonly seed: number;
  readonly frameImages: number;
}

/** Draws with moving averages, from the weights of the moment. */
export class Snapshots {
  readonly #tensorflow: TensorFlow;
  readonly #generator: Network;
  readonly #transform: Transform;
  readonly #seed: number;
  readonly #frameImages: number;

  constructor(tensorflow: TensorFlow, generator: Network, { transform, seed, frameImages }: SnapshotOptions) {
    this.#tensorflow = tensorflow;
    this.#generator = generator;
    this.#transform = transform;
    this.#seed = seed;
    this.#frameImages = frameImages;
  }

  take(weights: Readonly<Record<string, Float32Array>>, iteration: number): Snapshot {
    const { latent } = this.#generator.dimensions;
    const fixed = new Random(deriveSeed(this.#seed, 'fixed noise')).normals(this.#frameImages * latent);
    const fresh = new Random(deriveSeed(this.#seed, 'fresh noise', iteration)).normals(GRID_IMAGES * latent);
    return {
      grid: this.#draw(weights, fresh),
      frame: this.#draw(weights, fixed),
    };
  }

  /** One image per row of noise `[count, latent]`, the classes in turn. */
  #draw(weights: Readonly<Record<string, Float32Array>>, noise: Float32Array): ImageBatch {
    const { latent, height, width, channels } = this.#generator.dimensions;
    const count = noise.length / latent;
    const images = new Uint8Array(count * height * width * channels);
    const atOnce = imagesPerCall(height, width);
    for (let first = 0; first < count; first += atOnce) {
      const part = noise.subarray(first * latent, (first + atOnce) * latent);
      const values = this.#generate(weights, part, first);
      images.set(invertTransform(values, this.#transform, channels), first * height * width * channels);
    }
    return { images, count, height, width, channels };
  }

  /** @param first The number of the first image, from which its class follows. */
  #generate(
    weights: Readonly<Record<string, Float32Array>>,
    noise: Float32Array,
    first: number,
  ): Float32Array {
    const { tf } = this.#tensorflow;
    const { latent, classes } = this.#generator.dimensions;
    const count = noise.length / latent;
    return tf.tidy(() => {
      const tensors = Object.fromEntries(
        this.#generator.weights.map(({ key, shape }) => [
          key,
          tf.tensor(weights[key] as Float32Array, [...shape]),
        ]),
      );
      const labels = tf.tensor1d(
        Array.from({ length: count }, (_, index) => (first + index) % classes),
        'int32',
      );
      const { y } = forward(this.#tensorflow, this.#generator, tensors, tf.tensor2d(noise, [count, latent]), {
        training: false,
        labels: this.#generator.conditional ? oneHotLabels(tf, labels, classes) : undefined,
      });
      return y.dataSync() as Float32Array;
    });
  }
}

/** True when every image is the same, byte for byte: the generator no longer listens to its input. */
export function isConstant({ images, count }: ImageBatch): boolean {
  const size = images.length / count;
  return images.every((byte, index) => byte === images[index % size]);
}
