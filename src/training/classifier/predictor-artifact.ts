import type { DatasetArtifact, PredictorArtifact } from '../../core/artifacts.ts';

/** Description of a network beside its `model.json`: all that a program needs to use it. */
export const DESCRIPTION_FILE = 'predictor.json';

/** What a network predicts from what, as its artifact and its description have it. */
export type PredictorFacts = Pick<
  PredictorArtifact,
  'model' | 'shape' | 'images' | 'classes' | 'targets' | 'features' | 'transform'
>;

export function predictorFacts(model: string, dataset: DatasetArtifact): PredictorFacts {
  const { height, width, channels, shape, classes, targets, features, transform } = dataset;
  return {
    model,
    shape: shape ?? [height, width, channels],
    images: shape === undefined,
    classes,
    ...(targets && { targets: targets.names }),
    ...(features && { features }),
    transform,
  };
}

/** Content of the description. */
export function describePredictor(facts: PredictorFacts): string {
  const { model, shape, images, classes, targets, features, transform } = facts;
  const numbers = images ? 'bytes 0 … 255 of pixels, rows from the top' : 'numbers';
  const output = targets === undefined ? 'probabilities of the classes' : 'the targets';
  const description = {
    description: `${model}: [B, ${shape.join(', ')}] float32, ${numbers} × scale + offset by the last axis, to ${output}.`,
    shape,
    images,
    ...(features && { features }),
    transform,
    ...(targets === undefined ? { classes } : { targets }),
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}
