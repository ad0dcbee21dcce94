import type * as Tf from '@tensorflow/tfjs';
import type { PredictorArtifact } from '../../core/artifacts.ts';
import { Failure, Interrupted } from '../../core/failure.ts';
import type { StepInput, TensorFlow } from '../../core/tensorflow.ts';
import type { Examples } from '../../data/dataset.ts';
import { compilePredictor, outputCount } from '../../models/compiled-predictor.ts';
import { mirrorImages } from './mirror.ts';
import { batchOutputs, type BatchOutputs } from '../batch-outputs.ts';

interface Options {
  readonly batchSize: number;
  /** Means of the outputs for a picture and for its mirror image. */
  readonly mirrored: boolean;
  readonly signal: AbortSignal;
}

/**
 * The outputs of a predictor for all examples in their order, a batch at a time, through the predictor's transform.
 *
 * @throws Failure where the network is not what the artifact says, or returns what is no number; Interrupted
 */
export async function* predictAll(
  tensorflow: TensorFlow,
  predictor: PredictorArtifact,
  examples: Examples,
  { batchSize, mirrored, signal }: Options,
): AsyncGenerator<BatchOutputs> {
  const network = await compilePredictor(tensorflow, predictor, ({ outputs: [y] }) => ({
    y: y as Tf.SymbolicTensor,
  }));
  try {
    const width = outputCount(predictor);
    const run = async (batch: StepInput) => {
      if (signal.aborted) throw new Interrupted();
      const { y } = await network.run(batch);
      if (!mirrored) return y;
      const mirror = await network.run({
        ...batch,
        values: mirrorImages(batch.values as Uint8Array, examples.shape),
      });
      return y.map((value, at) => (value + (mirror.y[at] as number)) / 2);
    };
    for await (const made of batchOutputs(examples, { batchSize, width }, run)) {
      checkNumbers(made.outputs, width, made.first);
      yield made;
    }
  } finally {
    await network.dispose();
  }
}

function checkNumbers(outputs: Float32Array, width: number, first: number): void {
  const bad = outputs.findIndex(value => !Number.isFinite(value));
  if (bad === -1) return;
  throw new Failure({
    code: 'no-number',
    message: `the predictor returns ${outputs[bad]} for example ${first + Math.floor(bad / width)}, which is no prediction`,
    hint: 'look for numbers in the data that are far beyond those that it was trained on, and for a training that diverged',
  });
}
