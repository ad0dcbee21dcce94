import { join } from 'node:path';
import type { PredictorArtifact } from '../../core/artifacts.ts';
import { Failure, Interrupted } from '../../core/failure.ts';
import type { StepInput, TensorFlow } from '../../core/tensorflow.ts';
import type { Examples } from '../../data/dataset.ts';
import { compileLayersModel, type CompiledLayersModel } from '../../models/compiled-layers-model.ts';
import { batchOutputs, type BatchOutputs } from '../batch-outputs.ts';
import { toNumbers } from '../feed.ts';

/** A predictor's outputs: one for each class, or for each target. */
export const outputCount = ({ classes, targets }: PredictorArtifact): number => (targets ?? classes).length;

interface Options {
  readonly batchSize: number;
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
  { batchSize, signal }: Options,
): AsyncGenerator<BatchOutputs> {
  const { tf } = tensorflow;
  const model = await compileLayersModel(tensorflow, join(predictor.dir, predictor.network), batch =>
    toNumbers(tf, batch, predictor.transform),
  );
  try {
    checkNetwork(predictor, model);
    const width = outputCount(predictor);
    const run = (batch: StepInput) => {
      if (signal.aborted) throw new Interrupted();
      return model.predict(batch);
    };
    for await (const made of batchOutputs(examples, { batchSize, width }, run)) {
      checkNumbers(made.outputs, width, made.first);
      yield made;
    }
  } finally {
    await model.dispose();
  }
}

function checkNetwork(predictor: PredictorArtifact, { inputs, input, output }: CompiledLayersModel): void {
  const outputs = outputCount(predictor);
  if (inputs === 1 && input.join('×') === predictor.shape.join('×') && output.join('×') === String(outputs))
    return;
  throw new Failure({
    code: 'model-mismatch',
    message: `the network of ${predictor.model} in ${predictor.dir} makes ${output.join('×')} of ${input.join('×')}; expected ${outputs} of ${predictor.shape.join('×')}`,
    hint: 'train it again, or copy its experiment again from where it came from',
  });
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
