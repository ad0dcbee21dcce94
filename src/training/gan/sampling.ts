import type { TrainedModelArtifact } from '../../core/artifacts.ts';
import { Failure, Interrupted } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { Random, deriveSeed } from '../../core/random.ts';
import { invertTransform } from '../../data/transform.ts';
import type { ImageBatch } from '../../images/pixels.ts';
import type { Generator } from '../../models/generator.ts';

/** Images that are drawn together: those of one class, or all of an unconditional model's. */
export interface Share {
  /** The class's name and index. */
  readonly label: { readonly name: string; readonly index: number } | undefined;
  readonly seed: number;
}

/** Images in one call of the generator, and their pixels: a layer before the last has many times as many values. */
const largestBatch = 100;
const largestPixels = largestBatch * 128 * 128;

/** Images that the generator draws in one call, so that memory does not depend on how many are asked for. */
export const imagesPerCall = (height: number, width: number): number =>
  Math.max(1, Math.min(largestBatch, Math.floor(largestPixels / (height * width))));

function unknownClasses(unknown: readonly string[], model: TrainedModelArtifact): Failure {
  return new Failure({
    code: 'unknown-class',
    message: `${model.model} knows no class ${unknown.map(name => `“${name}”`).join(', ')}`,
    details: [
      ...unknown.flatMap(name => {
        const meant = didYouMean(name, model.classes);
        return meant === undefined ? [] : [`“${name}”: ${meant}`];
      }),
      `its classes are: ${model.classes.join(', ')}`,
    ],
  });
}

/**
 * What to draw: a share for each class of a conditional model, one for another. Each class has a seed of its own, so that its
 * images stay the same whatever other classes are drawn.
 *
 * @param classes the classes to draw, by name; all of the model's by default
 * @throws Failure `unknown-class`, or `classes-without-labels` when the model is not conditional
 */
export function sharesOf(
  model: TrainedModelArtifact,
  classes: readonly string[] | undefined,
  seed: number,
): readonly Share[] {
  if (!model.conditional && classes !== undefined)
    throw new Failure({
      code: 'classes-without-labels',
      message: `${model.model} is not conditional: it cannot draw the classes asked for (${classes.join(', ')})`,
      hint: 'leave out classes, or sample from a conditional model such as cgan',
    });
  if (!model.conditional) return [{ label: undefined, seed }];
  const names = classes ?? model.classes;
  const unknown = names.filter(name => !model.classes.includes(name));
  if (unknown.length > 0) throw unknownClasses(unknown, model);
  return names.map(name => ({
    label: { name, index: model.classes.indexOf(name) },
    seed: deriveSeed(seed, name),
  }));
}

/**
 * Draws the first `count` images of a share, as bytes, in batches.
 *
 * @throws Interrupted when the signal is aborted between two batches
 */
export async function* drawShare(
  generator: Generator,
  model: TrainedModelArtifact,
  share: Share,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): AsyncGenerator<ImageBatch> {
  const [height, width, channels] = model.imageShape;
  const random = new Random(share.seed);
  const atOnce = imagesPerCall(height, width);
  for (let done = 0; done < count; done += atOnce) {
    if (signal.aborted) throw new Interrupted();
    const size = Math.min(atOnce, count - done);
    const values = await generator.generate(random.normals(size * model.latentDim), share.label?.index);
    const images = invertTransform(values, model.transform, channels);
    yield { images, count: size, height, width, channels };
  }
}
