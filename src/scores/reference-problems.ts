import type { DatasetOutline, PredictorOutline, ScoreReferenceOutline } from '../core/outline.ts';
import type { ParamProblem } from '../core/stage.ts';
import { CIFAR_CLASSES } from '../data/cifar-format.ts';
import { imagesNeeded } from '../data/images-needed.ts';
import { countProblems } from './count-problems.ts';
import type { EmbeddingName, ReferenceParams } from './params.ts';

/** Side and channels of the pictures that pipe's own classifier takes. */
const CIFAR = [32, 32, 3] as const;

/** What is known of the inputs. */
export interface KnownInputs {
  readonly dataset: DatasetOutline;
  readonly training: DatasetOutline | undefined;
  readonly predictor: PredictorOutline | undefined;
}

/** The embedding that parameters and inputs ask for. */
export const embeddingOf = (
  { embedding }: Pick<ReferenceParams, 'embedding'>,
  predictor: unknown,
): EmbeddingName => embedding ?? (predictor === undefined ? 'cifar10' : 'classifier');

/** What is known of the pictures, and of the classes that the embedding knows. */
export const referenceOutline = (
  params: ReferenceParams,
  { dataset: { height, width, channels, classes }, training, predictor }: KnownInputs,
): ScoreReferenceOutline => ({
  height,
  width,
  channels,
  classes,
  embeddingClasses: classesOf(embeddingOf(params, predictor), predictor),
  neighbours: params.neighbours,
  hasTraining: training !== undefined,
});

/** Those of the Inception network have no names here. */
function classesOf(
  embedding: EmbeddingName,
  predictor: PredictorOutline | undefined,
): readonly string[] | undefined {
  if (embedding === 'classifier') return predictor?.classes;
  return embedding === 'inception' ? [] : CIFAR_CLASSES;
}

/** Problems of the parameters alone. */
export function paramProblems({ embedding, from, graph }: ReferenceParams): readonly ParamProblem[] {
  const problems: ParamProblem[] = [];
  if (from !== undefined && embedding !== undefined && embedding !== 'classifier')
    problems.push({
      path: ['from'],
      code: 'embedding-conflict',
      message: `from names an experiment with a classifier, and embedding is ${embedding}`,
      hint: 'leave out one of the two',
    });
  if (graph !== undefined && embedding !== 'inception')
    problems.push({
      path: ['graph'],
      code: 'embedding-conflict',
      message: `graph is the file of the Inception network, and the embedding is ${embedding ?? 'another'}`,
      hint: 'add embedding: inception, or leave out graph',
    });
  return problems;
}

/** What keeps pictures from being scored, as far as they are known. */
export function referenceProblems(params: ReferenceParams, inputs: KnownInputs): readonly ParamProblem[] {
  const { dataset, training } = inputs;
  const numbers = [...imagesNeeded(dataset), ...(training ? imagesNeeded(training) : [])];
  if (numbers.length > 0) return numbers;
  return [
    ...embeddingProblems(params, inputs),
    ...otherTraining(dataset, training),
    ...otherTrainingClasses(dataset, training),
    ...countProblems(params, dataset, training),
  ];
}

function embeddingProblems(
  params: ReferenceParams,
  { dataset, predictor }: KnownInputs,
): readonly ParamProblem[] {
  const embedding = embeddingOf(params, predictor);
  if (embedding === 'classifier') {
    if (predictor === undefined)
      return [
        {
          path: ['embedding'],
          code: 'no-classifier',
          message: 'there is no classifier to make features',
          hint: 'put a fit stage before it, or name an experiment that has one: from: latest:classifier',
        },
      ];
    const { shape, images, targetNames } = predictor;
    if (images === false || targetNames !== undefined)
      return [
        problem(
          'no-classifier',
          'the predictor is no classifier of pictures',
          'train one on pictures with classes: use: fit',
        ),
      ];
    return otherSize('the classifier takes', shape, dataset);
  }
  return embedding === 'cifar10'
    ? otherSize('pipe’s classifier of CIFAR-10 takes', CIFAR, dataset)
    : otherSize('the Inception network takes', [undefined, undefined, 3], dataset);
}

const problem = (code: string, message: string, hint: string): ParamProblem => ({
  path: [],
  code,
  message,
  hint,
});

const shown = (sizes: readonly (number | undefined)[]): string => sizes.map(size => size ?? '?').join('×');

function otherSize(
  words: string,
  taken: readonly (number | undefined)[] | undefined,
  { height, width, channels }: DatasetOutline,
): readonly ParamProblem[] {
  const found = [height, width, channels];
  const differs = (size: number | undefined, axis: number) =>
    size !== undefined && found[axis] !== undefined && size !== found[axis];
  if (taken === undefined || !taken.some(differs)) return [];
  return [
    problem(
      'embedding-size',
      `${words} pictures of ${shown(taken)}, and these are ${shown(found)}`,
      'train a classifier on pictures of this size with a fit stage before it, or name one: from: latest:classifier',
    ),
  ];
}

function otherTraining(
  dataset: DatasetOutline,
  training: DatasetOutline | undefined,
): readonly ParamProblem[] {
  if (training === undefined) return [];
  const sides = ['height', 'width', 'channels'] as const;
  const sizes = (outline: DatasetOutline) => sides.map(side => outline[side]);
  const differs = sides.some(
    side => dataset[side] !== undefined && training[side] !== undefined && dataset[side] !== training[side],
  );
  if (!differs) return [];
  return [
    problem(
      'other-images',
      `the held-out pictures are ${shown(sizes(dataset))}, and the training pictures ${shown(sizes(training))}`,
      'load both in one size',
    ),
  ];
}

/** Labels of both are read by one list of classes. */
function otherTrainingClasses(
  { classes: held }: DatasetOutline,
  training: DatasetOutline | undefined,
): readonly ParamProblem[] {
  const trained = training?.classes;
  if (held === undefined || trained === undefined || held.join('\n') === trained.join('\n')) return [];
  return [
    problem(
      'other-classes',
      `the held-out pictures are of ${held.join(', ')}, and the training pictures of ${trained.join(', ')}`,
      'load both with the same classes, or leave out the input training',
    ),
  ];
}
