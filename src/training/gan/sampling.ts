import type { TrainedModelArtifact } from '../../core/artifacts.ts';
import { Failure, Interrupted } from '../../core/failure.ts';
import { Random, deriveSeed } from '../../core/random.ts';
import { invertTransform } from '../../data/transform.ts';
import type { ImageBatch } from '../../images/pixels.ts';
import type { Generator as TrainedGenerator } from '../../models/generator.ts';
import { drawNoise, slerp } from './noise.ts';
import { interpolationOf, type Interpolation, type SampleParams } from './sample-params.ts';

/** What is known of a generator that draws. */
export type DrawingModel = Pick<
  TrainedModelArtifact,
  'model' | 'latentDim' | 'conditional' | 'imageShape' | 'classes' | 'transform'
>;

/** Images that are drawn together: those of one class or between two, or all of an unconditional model's. */
export interface Share {
  /** The index of a class, or of both that the images lead between, and its name. */
  readonly label: { readonly name: string; readonly index: number; readonly next?: number } | undefined;
  readonly seed: number;
}

/** Images in one call of the generator, and their pixels: a layer before the last has many times as many values. */
const largestBatch = 100;
const largestPixels = largestBatch * 128 * 128;

/** Images that the generator draws in one call, so that memory does not depend on how many are asked for. */
export const imagesPerCall = (height: number, width: number): number =>
  Math.max(1, Math.min(largestBatch, Math.floor(largestPixels / (height * width))));

/**
 * What to draw: a share for each class of a conditional model, or for each class and the next, and one for another model. Noise of
 * its own has a seed by the class's name. So the images of a class stay the same whatever other classes are drawn.
 */
export function sharesOf(
  model: Pick<TrainedModelArtifact, 'conditional' | 'classes'>,
  params: SampleParams,
  stageSeed: number,
): readonly Share[] {
  const { noise = 'shared', classes = model.classes, seed = stageSeed } = params;
  if (!model.conditional) return [{ label: undefined, seed }];
  const share = (names: readonly string[]): Share => {
    const [index = 0, next] = names.map(name => model.classes.indexOf(name));
    return {
      label: { name: names.join(' → '), index, ...(next !== undefined && { next }) },
      seed: noise === 'shared' ? seed : deriveSeed(seed, ...names),
    };
  };
  if (interpolationOf(params)?.between !== 'classes') return classes.map(name => share([name]));
  return classes.slice(1).map((name, at) => share([classes[at] as string, name]));
}

/** What one image is drawn from. */
interface Origin {
  readonly z: Float32Array;
  /** Share of the second class, for images between two. */
  readonly mixture: number;
}

/** The origins of a share's images, without an end. */
function* originsOf(
  { latentDim }: DrawingModel,
  { seed }: Share,
  truncation: number | undefined,
  interpolation: Interpolation | undefined,
): Generator<Origin, never> {
  const random = new Random(seed);
  const noise = () => drawNoise(random, latentDim, truncation);
  for (;;) {
    const first = noise();
    if (interpolation === undefined) yield { z: first, mixture: 0 };
    else yield* rowFrom(first, interpolation, noise);
  }
}

function* rowFrom(
  first: Float32Array,
  { between, steps }: Interpolation,
  noise: () => Float32Array,
): Generator<Origin> {
  const last = between === 'noise' ? noise() : first;
  for (let step = 0; step < steps; step++) {
    const done = step / (steps - 1);
    yield between === 'noise' ? { z: slerp(first, last, done), mixture: 0 } : { z: first, mixture: done };
  }
}

interface DrawOptions {
  /** How many images. */
  readonly count: number;
  readonly truncation?: number | undefined;
  readonly interpolation?: Interpolation | undefined;
  readonly signal: AbortSignal;
}

/**
 * Draws the first `count` images of a share, as bytes, in batches.
 *
 * @throws Interrupted when the signal is aborted between two batches; Failure `generator-not-finite`
 */
export async function* drawShare(
  generator: TrainedGenerator,
  model: DrawingModel,
  share: Share,
  { count, truncation, interpolation, signal }: DrawOptions,
): AsyncGenerator<ImageBatch> {
  const [height, width, channels] = model.imageShape;
  const origins = originsOf(model, share, truncation, interpolation);
  const atOnce = imagesPerCall(height, width);
  for (let done = 0; done < count; done += atOnce) {
    if (signal.aborted) throw new Interrupted();
    const size = Math.min(atOnce, count - done);
    const batch = Array.from({ length: size }, () => origins.next().value);
    const z = new Float32Array(size * model.latentDim);
    for (const [at, origin] of batch.entries()) z.set(origin.z, at * model.latentDim);
    const values = await generator.generate(z, labelsOf(model, share, batch));
    if (!values.every(Number.isFinite)) throw notFinite(model);
    const images = invertTransform(values, model.transform, channels);
    yield { images, count: size, height, width, channels };
  }
}

/** As bytes they would be black pictures, and look like a collapse. */
const notFinite = ({ model }: DrawingModel): Failure =>
  new Failure({
    code: 'generator-not-finite',
    message: `the generator of ${model} draws pixels that are no numbers: its weights became NaN or infinite in training`,
    hint: 'Train it once more, with a smaller learning rate.',
  });

/** The class of all images, or the weights of the classes for each, `[B, classes]`. */
function labelsOf(
  { classes }: DrawingModel,
  { label }: Share,
  batch: readonly Origin[],
): number | Float32Array | undefined {
  if (label?.next === undefined) return label?.index;
  const weights = new Float32Array(batch.length * classes.length);
  for (const [at, { mixture }] of batch.entries()) {
    weights[at * classes.length + label.index] = 1 - mixture;
    weights[at * classes.length + label.next] = mixture;
  }
  return weights;
}
