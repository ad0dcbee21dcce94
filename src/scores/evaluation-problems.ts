import type { ModelArtifact, ScoreReferenceArtifact } from '../core/artifacts.ts';
import type { ModelOutline, ScoreReferenceOutline } from '../core/outline.ts';
import type { ParamProblem } from '../core/stage.ts';

const sizes = ({ height, width, channels }: ModelOutline): readonly (number | undefined)[] => [
  height,
  width,
  channels,
];

const shown = (of: readonly (number | undefined)[]): string => of.map(size => size ?? '?').join('×');

/** What is known of a generator. */
export function knownModel({
  conditional,
  classes,
  imageShape: [height, width, channels],
}: Pick<ModelArtifact, 'conditional' | 'classes' | 'imageShape'>): ModelOutline {
  return { conditional, classes, height, width, channels };
}

/** What is known of a reference. */
export const knownReference = ({
  reference: { height, width, channels, classes },
  embedding,
  settings: { neighbours },
  training,
}: ScoreReferenceArtifact): ScoreReferenceOutline => ({
  height,
  width,
  channels,
  classes,
  embeddingClasses: embedding.classes,
  neighbours,
  hasTraining: training !== undefined,
});

/** What keeps a generator from being scored against a reference, as far as both are known. */
export function evaluationProblems(
  model: ModelOutline = {},
  reference: ScoreReferenceOutline = {},
): readonly ParamProblem[] {
  const [drawn, held] = [sizes(model), sizes(reference)];
  if (drawn.some((size, axis) => size !== undefined && held[axis] !== undefined && size !== held[axis]))
    return [
      {
        path: [],
        code: 'other-images',
        message: `the generator draws pictures of ${shown(drawn)}, and the held-out pictures are ${shown(held)}`,
        hint: 'prepare held-out pictures of the size that it draws: inputs of score-reference',
      },
    ];
  return [...otherClasses(model, reference), ...unknownClasses(model, reference)];
}

function otherClasses(model: ModelOutline, reference: ScoreReferenceOutline): readonly ParamProblem[] {
  const [asked, held] = [model.classes, reference.classes];
  if (model.conditional !== true || asked === undefined || held === undefined) return [];
  if (asked.join('\n') === held.join('\n')) return [];
  return [
    {
      path: [],
      code: 'other-classes',
      message: `the generator draws the classes ${asked.join(', ')}, and the held-out pictures are of ${held.join(', ')}`,
      hint: 'prepare held-out pictures of the classes that it was trained on: inputs of score-reference',
    },
  ];
}

/** A classifier of other classes can compare pictures, but not tell which class they show. */
function unknownClasses(
  { conditional, classes = [] }: ModelOutline,
  { embeddingClasses = [] }: ScoreReferenceOutline,
): readonly ParamProblem[] {
  const unknown = classes.filter(name => !embeddingClasses.includes(name));
  if (conditional !== true || embeddingClasses.length === 0 || unknown.length === 0) return [];
  return [
    {
      path: [],
      code: 'unknown-classes',
      severity: 'warning',
      message: `the classifier does not know ${unknown.join(', ')}: label_accuracy is not measured`,
      hint: 'score with a classifier of these classes: embedding: classifier',
    },
  ];
}
