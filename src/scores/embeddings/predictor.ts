import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import type { PredictorArtifact } from '../../core/artifacts.ts';
import { Failure } from '../../core/failure.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import { compilePredictor } from '../../models/compiled-predictor.ts';
import { checkImageShape, type Embedding } from './embedding.ts';
import { layersModelHash } from './layers-model-hash.ts';
import { penultimate } from './penultimate.ts';

/** Pictures of 32×32 at a time: as fast as more, in less memory. */
const BATCH = 100;

/**
 * The features that a classifier decides by, and its probabilities.
 *
 * @param imageShape `[H, W, C]` of the pictures to embed
 * @throws Failure `embedding-size` for pictures of another size, `embedding-no-classes` and `embedding-no-pictures` for a
 * predictor of numbers or of other examples, `embedding-no-dense` for a network that ends in no dense layer, and those of
 * `compilePredictor`
 */
export async function openPredictorEmbedding(
  tensorflow: TensorFlow,
  predictor: PredictorArtifact,
  imageShape: readonly number[],
): Promise<Embedding> {
  checkPredictor(predictor, imageShape);
  let width = 0;
  const network = await compilePredictor(tensorflow, predictor, model => {
    const features = penultimate(model) ?? refuseEnd(predictor);
    width = features.shape[1] as number;
    return { features, probabilities: model.outputs[0] as Tf.SymbolicTensor };
  });
  const { model: name, classes, transform } = predictor;
  const hash = await layersModelHash(join(predictor.dir, predictor.network), transform);
  return {
    id: `${name}@${hash.slice(0, 8)}`,
    name,
    width,
    imageShape,
    classes,
    batchSize: BATCH,
    embed: (images, count) => network.run({ shape: [count, ...imageShape], values: images }),
    dispose: () => network.dispose(),
  };
}

function checkPredictor(
  { model, dir, images, shape, targets }: PredictorArtifact,
  imageShape: readonly number[],
): void {
  if (targets !== undefined)
    throw new Failure({
      code: 'embedding-no-classes',
      message: `${model} in ${dir} predicts numbers (${targets.join(', ')}); scores compare pictures by a network that predicts classes`,
      hint: 'name a classifier: a fit stage trains one on pictures with classes',
    });
  if (!images)
    throw new Failure({
      code: 'embedding-no-pictures',
      message: `${model} in ${dir} takes examples of ${shape.join('×')} numbers; scores compare pictures by a network that takes pictures`,
      hint: 'name a classifier that a fit stage trained on pictures',
    });
  checkImageShape(model, shape, imageShape);
}

function refuseEnd({ model, dir }: PredictorArtifact): never {
  throw new Failure({
    code: 'embedding-no-dense',
    message: `the network of ${model} in ${dir} does not end in a dense layer, whose inputs are the features`,
    hint: 'end it with { use: globalAveragePooling2d } and { use: dense, units: classes }, and train it again',
  });
}
