/** What keeps a network from learning from data by the parameters of `fit`, as far as data and network are known. */
import type { DatasetOutline } from '../../core/outline.ts';
import type { ParamProblem } from '../../core/stage.ts';
import { isKnown } from '../../models/size.ts';
import { augmentationProblems } from '../augment-param.ts';
import { iterationsPerEpoch } from '../batches.ts';
import { scheduleProblems } from '../schedule-param.ts';
import { classWeightProblems } from './class-weights.ts';
import { measuredScores } from './metrics.ts';
import type { FitParams } from './params.ts';
import { predictionOf } from './prediction.ts';

/** The data of `fit`, as far as it is known; undefined for a part that there is not. */
export interface FitData {
  readonly dataset: DatasetOutline;
  readonly validation: DatasetOutline | undefined;
  readonly test: DatasetOutline | undefined;
}

export const fitProblems = (params: FitParams, data: FitData): readonly ParamProblem[] => [
  ...largeBatch(params, data.dataset),
  ...scheduleByEpochs(params, data.dataset),
  ...oneClass(data.dataset),
  ...unscaled(data.dataset),
  ...forClasses(params, data.dataset),
  ...augmentationProblems(params.augment, data.dataset),
  ...classWeightProblems(params.classWeights, data.dataset),
  ...unmeasured(params, data),
  ...(['validation', 'test'] as const).flatMap(part => otherData(part, data)),
];

const isRegression = ({ targetNames }: DatasetOutline): boolean => targetNames !== undefined;

function largeBatch({ batchSize }: FitParams, { count }: DatasetOutline): readonly ParamProblem[] {
  if (count === undefined || batchSize <= count) return [];
  return [
    {
      path: ['batchSize'],
      code: 'batch-larger-than-data',
      message: `batchSize is ${batchSize}, and there ${count === 1 ? 'is 1 example' : `are ${count} examples`}`,
      hint: `set batchSize to ${count} or less, or take more data`,
    },
  ];
}

/** The stage's `check` does this where `iterations` are given. */
function scheduleByEpochs(
  { schedule, iterations, epochs, batchSize }: FitParams,
  { count }: DatasetOutline,
): readonly ParamProblem[] {
  if (iterations !== undefined || count === undefined) return [];
  return scheduleProblems(schedule, epochs * iterationsPerEpoch({ count, batchSize }));
}

function oneClass({ classes }: DatasetOutline): readonly ParamProblem[] {
  if (classes?.length !== 1) return [];
  return [
    {
      path: [],
      code: 'one-class',
      message: `a network that distinguishes classes needs at least two, and the data has ${classes[0]} alone`,
      hint: 'take data of several classes',
    },
  ];
}

/** Numbers far from 1 make the first steps too large. */
function unscaled({ range, shape }: DatasetOutline): readonly ParamProblem[] {
  if (range === undefined || shape !== undefined || range[1] < 100) return [];
  return [
    {
      path: [],
      code: 'not-normalized',
      severity: 'warning',
      message: `the pictures are numbers from ${range[0]} to ${range[1]}, and networks learn best from numbers around 0`,
      hint: 'let a normalize stage come before it',
    },
  ];
}

/** Parameters that say something of classes, where numbers are predicted. */
function forClasses(params: FitParams, dataset: DatasetOutline): readonly ParamProblem[] {
  if (!isRegression(dataset)) return [];
  const given = [
    ...(params.labelSmoothing > 0 ? ['labelSmoothing'] : []),
    ...(params.balanced ? ['balanced'] : []),
  ];
  return given.map(name => ({
    path: [name],
    code: 'no-classes',
    message: `${name} is for classes, and the data has numbers to predict: ${dataset.targetNames?.join(', ')}`,
    hint: `leave out ${name}`,
  }));
}

function unmeasured(params: FitParams, { dataset, validation }: FitData): readonly ParamProblem[] {
  const { earlyStopping, monitor, topK } = params;
  if (validation === undefined)
    return Object.entries({ earlyStopping, monitor }).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [
            {
              path: [name],
              code: 'no-validation',
              message: `${name} needs a validation part, and there is none`,
              hint: 'put a split-dataset before it, or name one: inputs: { validation: <stage> }',
            },
          ],
    );
  const { classes, targetNames } = dataset;
  if (monitor === undefined || (classes === undefined && targetNames === undefined)) return [];
  const measured = measuredScores(isRegression(dataset), classes?.length, topK);
  if (measured.includes(monitor)) return [];
  const isFew = monitor === 'val_top_k' && classes !== undefined;
  const why = isFew
    ? `there are ${classes.length} classes, and topK is ${topK}`
    : `the data has ${isRegression(dataset) ? 'numbers to predict' : 'classes'}`;
  return [
    {
      path: ['monitor'],
      code: 'never-measured',
      message: `${monitor} is never measured: ${why}`,
      expected: measured.join(', '),
      found: monitor,
    },
  ];
}

/** A part that is unlike what is trained on. */
function otherData(part: 'validation' | 'test', data: FitData): readonly ParamProblem[] {
  const { dataset, [part]: other } = data;
  if (other === undefined) return [];
  const [here, there] = [predictionOf(dataset), predictionOf(other)];
  const hint = `bind ${part} to a part of the same data: inputs: { ${part}: <stage>.${part} }`;
  const problem = (code: string, message: string) => [{ path: [], code, message, hint }];
  const shapes = [here, there].map(({ input }) => input.map(size => (isKnown(size) ? size : '?')));
  const [one = [], two = []] = shapes;
  const isOther =
    one.length !== two.length ||
    one.some((size, axis) => size !== '?' && two[axis] !== '?' && size !== two[axis]);
  if (isOther)
    return problem(
      'other-shape',
      `the ${part} part has examples of shape ${two.join('×')}, and those to train on are ${one.join('×')}`,
    );
  const names = (outline: DatasetOutline) => outline.targetNames ?? outline.classes;
  const [mine, theirs] = [names(dataset), names(other)];
  if (mine === undefined || theirs === undefined || mine.join('\n') === theirs.join('\n')) return [];
  return problem(
    'other-classes',
    `the ${part} part has ${theirs.join(', ')} to predict, and the data to train on ${mine.join(', ')}`,
  );
}
