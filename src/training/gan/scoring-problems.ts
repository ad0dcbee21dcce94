import type { ModelOutline, ScoreReferenceOutline } from '../../core/outline.ts';
import type { ParamProblem } from '../../core/stage.ts';
import { evaluationProblems } from '../../scores/evaluation-problems.ts';
import type { GanParams } from './params.ts';

/** Scores that only a generator of classes has. */
const OF_CLASSES: readonly string[] = ['label_accuracy', 'class_fid'];

/** What keeps the generator from being scored in training, as far as known. */
export function scoringProblems(
  { evaluate }: GanParams,
  model: ModelOutline,
  reference: ScoreReferenceOutline | undefined,
): readonly ParamProblem[] {
  if (evaluate === undefined) return [];
  if (reference === undefined)
    return [
      {
        path: ['evaluate'],
        code: 'no-reference',
        message: 'there are no held-out pictures to score against',
        hint: 'put a score-reference stage before this one, with held-out pictures as its dataset',
      },
    ];
  if (model.conditional === false && OF_CLASSES.includes(evaluate.keep))
    return [
      {
        path: ['evaluate', 'keep'],
        code: 'score-not-measured',
        message: `${evaluate.keep} is measured of conditional models alone`,
        hint: 'go by another score, such as kid',
      },
    ];
  return evaluationProblems(model, reference);
}
