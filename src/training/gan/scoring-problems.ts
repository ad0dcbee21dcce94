import type { ModelArtifact, ScoreReferenceArtifact } from '../../core/artifacts.ts';
import { Failure, isError } from '../../core/failure.ts';
import type { ModelOutline, ScoreReferenceOutline } from '../../core/outline.ts';
import type { ParamProblem } from '../../core/stage.ts';
import { fewestPictures } from '../../scores/count-problems.ts';
import { evaluationProblems, knownModel, knownReference } from '../../scores/evaluation-problems.ts';
import { PARTS } from '../../scores/measures/classes.ts';
import { FEWEST_SIZES } from '../../scores/measures/fid-infinity.ts';
import type { GanParams } from './params.ts';
import type { ScoringParam } from './scoring-param.ts';

/** What keeps the generator from being scored in training, as far as known. */
export function scoringProblems(
  { evaluate }: Pick<GanParams, 'evaluate'>,
  model: ModelOutline,
  reference: ScoreReferenceOutline | undefined,
): readonly ParamProblem[] {
  if (evaluate === undefined) return reference === undefined ? [] : [UNUSED];
  if (reference === undefined) return [NO_REFERENCE];
  return [
    ...tooFew(evaluate, reference),
    ...notMeasured(evaluate, model, reference),
    ...evaluationProblems(model, reference),
  ];
}

/** @throws Failure with the first thing that keeps the generator from being scored */
export function checkScoring(
  params: Pick<GanParams, 'evaluate'>,
  model: ModelArtifact,
  reference: ScoreReferenceArtifact | undefined,
): void {
  const problems = scoringProblems(params, knownModel(model), reference && knownReference(reference));
  const problem = problems.find(isError);
  if (problem !== undefined) throw new Failure({ ...problem, exitCode: 2 });
}

const NO_REFERENCE: ParamProblem = {
  path: ['evaluate'],
  code: 'no-reference',
  message: 'there are no held-out pictures to score against',
  hint: 'put a score-reference stage before this one, with held-out pictures as its dataset',
};

const UNUSED: ParamProblem = {
  path: [],
  code: 'unused-reference',
  severity: 'warning',
  message: 'held-out pictures are prepared before this stage, which does not score by them',
  hint: 'add evaluate: { every: 5000 }, or put score-reference after it: it is trained anew when they change',
};

function tooFew({ count }: ScoringParam, { neighbours }: ScoreReferenceOutline): readonly ParamProblem[] {
  if (neighbours === undefined || count >= fewestPictures(neighbours)) return [];
  const least = fewestPictures(neighbours);
  return [
    {
      path: ['evaluate', 'count'],
      code: 'too-few-pictures',
      message: `count is ${count}, and scores with neighbours: ${neighbours} take at least ${least} pictures`,
      hint: `set count to ${least} or more, and to a thousand for narrow intervals`,
    },
  ];
}

function notMeasured(
  evaluate: ScoringParam,
  model: ModelOutline,
  reference: ScoreReferenceOutline,
): readonly ParamProblem[] {
  const reason = reasonAgainst(evaluate, model, reference);
  if (reason === undefined) return [];
  return [
    {
      path: ['evaluate', 'keep'],
      code: 'score-not-measured',
      message: `${evaluate.keep} is not measured: ${reason}`,
      hint: 'go by another score, such as kid',
    },
  ];
}

/** Why the score that chooses is not measured. */
function reasonAgainst(
  { keep, count }: ScoringParam,
  { conditional, classes = [] }: ModelOutline,
  { embeddingClasses, hasTraining }: ScoreReferenceOutline,
): string | undefined {
  const isOfClasses = keep === 'label_accuracy' || keep === 'class_fid';
  if (isOfClasses && conditional === false) return 'the model is not conditional';
  if (keep === 'label_accuracy' && classes.some(name => embeddingClasses?.includes(name) === false))
    return 'the classifier of score-reference knows other classes';
  if (keep === 'class_divergence' && embeddingClasses?.length === 0)
    return 'the embedding of score-reference is no classifier of such pictures';
  if (keep === 'copies' && hasTraining === false) return 'score-reference has no input training';
  const least = { inception_score: PARTS, fid_infinity: FEWEST_SIZES }[keep as string] ?? 0;
  return count < least ? `it takes at least ${least} pictures, and count is ${count}` : undefined;
}
