import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DatasetArtifact, PredictorArtifact } from '../../../src/core/artifacts.ts';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { withExamples, type Examples } from '../../../src/data/dataset.ts';
import { loadLayersModel } from '../../../src/models/load-layers-model.ts';
import { bindPredictor } from '../../../src/models/predictor.ts';
import fit from '../../../src/stages/fit.ts';
import { Inference } from '../../../src/training/classifier/inference.ts';
import { latestCheckpoint } from '../../../src/training/read-checkpoint.ts';
import type { StepState } from '../../../src/training/task.ts';
import { openSavedModel } from '../../rig/saved-model.ts';
import { runStage } from '../../rig/stage-context.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { tinyDataset } from '../../rig/tiny-dataset.ts';

let dataset: DatasetArtifact;
beforeAll(async () => {
  dataset = await tinyDataset();
});

const layers = (activation?: 'softmax') => [
  { use: 'conv2d', filters: 4, kernelSize: 3, strides: 2 },
  { use: 'batchNormalization', momentum: 0.5 },
  { use: 'activation', activation: 'relu' },
  { use: 'dropout', rate: 0.3 },
  { use: 'flatten' },
  { use: 'dense', units: 'classes', ...(activation && { activation }) },
];

describe.each(['native', 'javascript'] as const)('on the %s backend', kind => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(kind === 'javascript' ? kind : undefined);
  });

  const trained = async (params: object) => {
    const given = { network: { layers: layers() }, batchSize: 8, epochs: 2, ...params };
    const { outputs, context } = await runStage(fit, given as object, {
      inputs: { dataset, validation: undefined, test: undefined },
      tensorflow: () => Promise.resolve(tensorflow),
    });
    const { checkpoint } = await latestCheckpoint(join(context.outputDir, 'checkpoints'), Infinity);
    return { predictor: outputs.predictor, state: checkpoint?.state as StepState };
  };

  const predictions = (state: StepState, batchSize: number) =>
    withExamples(dataset, async examples => {
      const network = bindPredictor(
        { layers: layers() },
        { input: [8, 8, 3], outputs: 3, isRegression: false },
      );
      const inference = new Inference(tensorflow, network, { transform: dataset.transform, batchSize });
      await inference.use(state);
      const all: number[] = [];
      for await (const { outputs } of inference.predict(examples)) all.push(...outputs);
      await inference.dispose();
      return all;
    });

  const numbersOf = ({ artifact, ...examples }: Examples) => {
    const { scale, offset } = artifact.transform;
    const bytes = examples.batch(Uint32Array.from({ length: artifact.count }, (_, index) => index));
    return Float32Array.from(
      bytes,
      (byte, at) => byte * (scale[at % 3] as number) + (offset[at % 3] as number),
    );
  };

  const opened = async ({ dir, network, savedModel }: PredictorArtifact) => {
    const { tf } = tensorflow;
    const x = tf.tensor4d(await withExamples(dataset, all => Promise.resolve(numbersOf(all))), [22, 8, 8, 3]);
    const layersModel = await loadLayersModel(tf, join(dir, network));
    const byLayers = [...(await (layersModel.predict(x) as Tf.Tensor).data())];
    if (savedModel === undefined) return [byLayers];
    const model = await openSavedModel(tensorflow, join(dir, savedModel));
    const [y] = Object.values(model.predict({ examples: x }));
    return [byLayers, [...(await (y as Tf.Tensor).data())]];
  };

  test('predictions are those of the exported models, and batches that do not come out even change none', async () => {
    const { predictor, state } = await trained({ savedModel: kind === 'native' });
    const whole = await predictions(state, 22);
    expect(whole).toHaveLength(66);
    for (const batchSize of [1, 5, 8, 256]) {
      const others = await predictions(state, batchSize);
      expect(Math.max(...others.map((each, at) => Math.abs(each - (whole[at] as number))))).toBeLessThan(
        1e-6,
      );
    }
    const models = await opened(predictor);
    expect(models).toHaveLength(kind === 'native' ? 2 : 1);
    for (const others of models)
      expect(Math.max(...others.map((each, at) => Math.abs(each - (whole[at] as number))))).toBeLessThan(
        1e-5,
      );
  });

  test('a softmax that a network is written with is the one that is put at its end', async () => {
    const without = await trained({});
    const own = await trained({ network: { layers: layers('softmax') } });
    expect(own.state).toEqual(without.state);
    expect(await opened(own.predictor)).toEqual(await opened(without.predictor));
  });
});
