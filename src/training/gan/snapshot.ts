import type { ModelArtifact, Transform } from '../../core/artifacts.ts';
import { deriveSeed, Random } from '../../core/random.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import { invertTransform } from '../../data/transform.ts';
import type { ImageBatch } from '../../images/pixels.ts';
import { imagesPerFrame } from '../../images/samples.ts';
import type { Network } from '../../models/network.ts';
import { predict } from '../predict.ts';
import type { StepState } from '../task.ts';
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

/** What the generator draws in one state of training. */
export interface Snapshot {
  /** Other noise in every state; of a conditional model the classes in turn. */
  readonly grid: ImageBatch;
  /** The same noise in every state; of a conditional model one image per class. */
  readonly frame: ImageBatch;
}

export interface SnapshotOptions {
  readonly transform: Transform;
  readonly seed: number;
  readonly frameImages: number;
}

/** Draws with moving averages, from the weights of a state. */
export function takeSnapshot(
  tensorflow: TensorFlow,
  generator: Network,
  options: SnapshotOptions,
  weights: StepState,
  iteration: number,
): Snapshot {
  const { seed, transform } = options;
  const { latent } = generator.dimensions;
  const draw = (count: number, ...names: readonly (string | number)[]) => {
    const noise = new Random(deriveSeed(seed, ...names)).normals(count * latent);
    return drawImages(tensorflow, generator, transform, weights, noise);
  };
  return {
    frame: draw(options.frameImages, 'fixed noise'),
    grid: draw(GRID_IMAGES, 'fresh noise', iteration),
  };
}

/** One image per row of noise `[count, latent]`, the classes in turn. */
function drawImages(
  tensorflow: TensorFlow,
  generator: Network,
  transform: Transform,
  weights: StepState,
  noise: Float32Array,
): ImageBatch {
  const { latent, classes, height, width, channels } = generator.dimensions;
  const count = noise.length / latent;
  const images = new Uint8Array(count * height * width * channels);
  const atOnce = imagesPerCall(height, width);
  for (let first = 0; first < count; first += atOnce) {
    const part = noise.subarray(first * latent, (first + atOnce) * latent);
    const size = part.length / latent;
    const labels = Int32Array.from({ length: size }, (_, index) => (first + index) % classes);
    const values = predict(tensorflow, generator, weights, { shape: [size, latent], values: part }, labels);
    images.set(invertTransform(values, transform, channels), first * height * width * channels);
  }
  return { images, count, height, width, channels };
}

/** True when every image is the same, byte for byte: the generator no longer listens to its input. */
export function isConstant({ images, count }: ImageBatch): boolean {
  const size = images.length / count;
  return images.every((byte, index) => byte === images[index % size]);
}
