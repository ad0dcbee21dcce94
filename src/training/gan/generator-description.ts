import type { TrainedModelArtifact, Transform } from '../../core/artifacts.ts';
import { BYTES, invertedTransform } from '../../data/transform.ts';

/** Description of a generator beside its `model.json`: all that a program needs to draw with it. */
export const GENERATOR_FILE = 'generator.json';

type Facts = Pick<
  TrainedModelArtifact,
  'model' | 'latentDim' | 'conditional' | 'classes' | 'imageShape' | 'transform'
>;

/**
 * Content of the description.
 * @param iteration The iteration whose weights it has, or their moving average.
 */
export function describeGenerator(facts: Facts, iteration: number): string {
  const { model, latentDim, conditional, classes, imageShape, transform } = facts;
  const labels = conditional ? ` and one-hot classes [B, ${classes.length}]` : '';
  const description = {
    description: `${model}: noise [B, ${latentDim}]${labels} to images [B, ${imageShape.join(', ')}], all float32. A byte of a pixel is value × inverse.scale + inverse.offset by channel, rounded, within 0 … 255; the transform leads back.`,
    model,
    iteration,
    /** In the order of the model's inputs. */
    inputs: [
      { name: 'noise', shape: [latentDim], distribution: { kind: 'normal', mean: 0, deviation: 1 } },
      ...(conditional ? [{ name: 'class', shape: [classes.length], encoding: 'one-hot' }] : []),
    ],
    latentDim,
    conditional,
    classes,
    imageShape,
    range: rangeOf(transform),
    transform,
    inverse: invertedTransform(transform),
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}

/** The smallest and the largest number that a byte becomes. */
function rangeOf({ scale, offset }: Transform): readonly [number, number] {
  const ends = scale.flatMap((factor, channel) => BYTES.map(byte => byte * factor + (offset[channel] ?? 0)));
  return [Math.min(...ends), Math.max(...ends)];
}
