import type { Examples } from '../../data/dataset.ts';
import type { StepState } from '../task.ts';
import type { Inference } from './inference.ts';
import { ClassEvaluation, type ClassificationScores } from './scores.ts';
import { TargetEvaluation, type RegressionScores } from './target-scores.ts';

export interface EvaluateOptions {
  /** k of top-k accuracy. */
  readonly k: number;
  /** Most mistakes to keep. */
  readonly wrongest?: number;
  /** Told how many examples are done after each batch. */
  readonly onBatch?: (done: number) => void;
}

/** Scores of a network with these weights on a part. */
export async function evaluate(
  inference: Inference,
  state: StepState,
  examples: Examples,
  { k, wrongest = 0, onBatch }: EvaluateOptions,
): Promise<ClassificationScores | RegressionScores> {
  await inference.use(state);
  const { labels, targets, artifact } = examples;
  if (targets !== undefined) {
    const width = targets.length / artifact.count;
    const evaluation = new TargetEvaluation(width);
    for await (const { first, count, outputs } of inference.predict(examples)) {
      evaluation.add(targets.subarray(first * width, (first + count) * width), outputs);
      onBatch?.(first + count);
    }
    return evaluation.scores();
  }
  const evaluation = new ClassEvaluation({ classes: artifact.classes.length, k, wrongest });
  for await (const { first, count, outputs } of inference.predict(examples)) {
    evaluation.add(labels.subarray(first, first + count), outputs, first);
    onBatch?.(first + count);
  }
  return evaluation.scores();
}
