/** Pictures of three classes, dark, grey and light, with a classifier that tells them apart and generators of them. */
import type {
  DatasetArtifact,
  PredictorArtifact,
  ScoreReferenceArtifact,
  TrainedModelArtifact,
} from '../../src/core/artifacts.ts';
import { Random } from '../../src/core/random.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { DatasetWriter } from '../../src/data/dataset-writer.ts';
import { rangeTransform } from '../../src/data/transform.ts';
import evaluate from '../../src/stages/evaluate.ts';
import scoreReference from '../../src/stages/score-reference.ts';
import { runStage, temporaryFolder, type StageContextOptions } from './stage-context.ts';
import { pixels } from './tiny-generator.ts';
import { tinyPredictor } from './tiny-predictor.ts';

export const TONES = ['dark', 'grey', 'light'] as const;

/** Pictures 4×4×3 of the brightness of their class and a little noise, class after class. */
export async function tones(
  perClass: number,
  seed: number,
  classes: readonly string[] = TONES,
): Promise<DatasetArtifact> {
  const random = new Random(seed);
  const writer = await DatasetWriter.create(await temporaryFolder(), { height: 4, width: 4, channels: 3 });
  for (const label of classes.keys()) {
    const bytes = Uint8Array.from({ length: perClass * pixels }, () =>
      Math.min(255, Math.max(0, Math.round(127.5 * label + 20 * random.normal()))),
    );
    await writer.append(bytes, new Uint8Array(perClass).fill(label));
  }
  const written = await writer.finish({ classes, source: 'tones' });
  await writer.close();
  return written;
}

/** A classifier by mean brightness. */
export const toneClassifier = (
  tensorflow: TensorFlow,
  classes: readonly string[] = TONES,
): Promise<PredictorArtifact> =>
  tinyPredictor(tensorflow, {
    shape: [4, 4, 3],
    classes,
    transform: rangeTransform(-1, 1, 3),
    kernel: Array.from({ length: pixels }, () => [-8 / pixels, 0, 8 / pixels]),
    bias: [0, 4, 0],
  });

type ReferenceParams = Parameters<
  typeof runStage<
    (typeof scoreReference)['params'],
    (typeof scoreReference)['inputs'],
    (typeof scoreReference)['outputs']
  >
>[1];

/** Prepares 40 pictures of each class to score against. */
export async function prepared(
  tensorflow: TensorFlow,
  { training, params = {} }: { readonly training?: DatasetArtifact; readonly params?: ReferenceParams } = {},
) {
  const inputs = { dataset: await tones(40, 1), training, predictor: await toneClassifier(tensorflow) };
  const { outputs, context } = await runStage(
    scoreReference,
    { count: 120, ...params },
    { inputs, tensorflow: () => Promise.resolve(tensorflow) },
  );
  return { reference: outputs.reference, context, inputs };
}

/** Runs evaluate; returns the metric, its files and what was said. */
export async function evaluated(
  tensorflow: TensorFlow,
  model: TrainedModelArtifact,
  reference: ScoreReferenceArtifact,
  options: Partial<StageContextOptions<unknown>> = {},
) {
  const { outputs, context } = await runStage(
    evaluate,
    {},
    { ...options, inputs: { model, reference }, tensorflow: () => Promise.resolve(tensorflow) },
  );
  const metric = context.events.find(event => event.type === 'metric');
  const warnings = context.events.flatMap(event =>
    event.type === 'log' && event.level === 'warning' ? event.text : [],
  );
  return { metric, warnings, context, ...outputs.scores };
}
