import { join } from 'node:path';
import type { PredictorArtifact } from '../../core/artifacts.ts';
import { Failure, Interrupted } from '../../core/failure.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { Examples } from '../../data/dataset.ts';
import { compileLayersModel, type CompiledLayersModel } from '../../models/compiled-layers-model.ts';
import { toNumbers } from '../feed.ts';

/** Outputs of consecutive examples. */
export interface OutputsOfBatch {
  /** Index of the first one. */
  readonly first: number;
  readonly count: number;
  /** `[count, outputs]`. */
  readonly outputs: Float32Array;
}

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
): AsyncGenerator<OutputsOfBatch> {
  const { tf } = tensorflow;
  const model = await compileLayersModel(tensorflow, join(predictor.dir, predictor.network), batch =>
    toNumbers(tf, batch, predictor.transform),
  );
  try {
    checkNetwork(predictor, model);
    const { count } = examples.artifact;
    const width = outputCount(predictor);
    const length = Math.min(batchSize, count);
    for (let first = 0; first < count; first += length) {
      if (signal.aborted) throw new Interrupted();
      const size = Math.min(length, count - first);
      // A smaller last batch repeats its last example: batches of another size would be compiled anew.
      const indices = Uint32Array.from({ length }, (_, place) => first + Math.min(place, size - 1));
      const all = await model.predict({
        shape: [length, ...examples.shape],
        values: examples.batch(indices),
      });
      const outputs = all.subarray(0, size * width);
      checkNumbers(outputs, width, first);
      yield { first, count: size, outputs };
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
